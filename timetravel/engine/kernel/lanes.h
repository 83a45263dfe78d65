// V: eight floats at a time, with ordinary operators, from the vector extensions that GCC and clang share.
//
// These headers are compiled once per instruction set into one module. Everything here therefore lives in a namespace
// named after the build, and standard library templates are avoided: the linker would keep a single copy of each, and
// that copy might hold instructions which an older processor lacks.
#pragma once

#if !defined(__has_builtin)
#error "the kernel needs GCC 12 or later, or clang"
#elif !__has_builtin(__builtin_shufflevector)
#error "the kernel needs GCC 12 or later, or clang"
#endif

// Arrays of accumulators become registers only where their loops are unrolled in full; the loops around them are kept as
// loops, because unrolling those as well makes the compiler spill.
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#define KEEP_LOOP _Pragma("clang loop unroll(disable)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#define KEEP_LOOP _Pragma("GCC unroll 1")
#endif
// What was loaded before is loaded again after: a load is cheaper than the register that would keep its value.
#define FORGET_LOADS asm volatile("" ::: "memory")
#define INLINED __attribute__((always_inline))
#define INLINE inline INLINED

namespace timetravel::TIMETRAVEL_BUILD {

// Unrolling for nested loops, where the pragma comes too late for arrays to become registers: unrolled<3>([&](auto i) INLINED
// {...}) calls its body with 0, 1 and 2, as constants that may also decide what is compiled at all.
template <int n>
struct Constant {
    constexpr operator int() const { return n; }
};
template <int count, int from = 0, class Body>
INLINE void unrolled(const Body& body) {
    if constexpr (from < count) {
        body(Constant<from>{});
        unrolled<count, from + 1>(body);
    }
}

inline constexpr int lanes = 8;
typedef float Four __attribute__((vector_size(16)));
INLINE Four load_four(const float* from) { return *reinterpret_cast<const Four*>(from); }
INLINE void store_four(float* to, Four value) { *reinterpret_cast<Four*>(to) = value; }

}  // namespace timetravel::TIMETRAVEL_BUILD

#ifdef __AVX__
#include "lanes_whole.h"
#else
#include "lanes_halves.h"
#endif

namespace timetravel::TIMETRAVEL_BUILD {

// The headers above name the shuffles, all of them cheap: weave and pairs take single lanes and pairs of lanes from two
// vectors in turn, within each half; halves takes whole halves.

// The sums of four vectors, as two partial sums in the two halves of the result.
INLINE V quarter_sums(V a, V b, V c, V d) {
    const V ab = weave_low(a, b) + weave_high(a, b), cd = weave_low(c, d) + weave_high(c, d);
    return pairs_low(ab, cd) + pairs_high(ab, cd);
}

// The sums of four vectors.
INLINE Four sums(V a, V b, V c, V d) {
    const V both = quarter_sums(a, b, c, d);
    return low_half(both) + high_half(both);
}

// Lane i of the result is the sum of a[i]'s lanes: eight horizontal sums for 14 shuffles and 7 additions.
INLINE V sums(const V (&a)[8]) {
    const V low = quarter_sums(a[0], a[1], a[2], a[3]), high = quarter_sums(a[4], a[5], a[6], a[7]);
    return halves_low(low, high) + halves_high(low, high);
}

// Lane j of a[i] and lane i of a[j] change places.
INLINE void transpose(V (&a)[8]) {
    V b[8], c[8];
    UNROLL for (int i = 0; i < 8; i += 2) {
        b[i] = weave_low(a[i], a[i + 1]);
        b[i + 1] = weave_high(a[i], a[i + 1]);
    }
    UNROLL for (int i = 0; i < 8; i += 4) {
        c[i] = pairs_low(b[i], b[i + 2]);
        c[i + 1] = pairs_high(b[i], b[i + 2]);
        c[i + 2] = pairs_low(b[i + 1], b[i + 3]);
        c[i + 3] = pairs_high(b[i + 1], b[i + 3]);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        a[i] = halves_low(c[i], c[i + 4]);
        a[i + 4] = halves_high(c[i], c[i + 4]);
    }
}

}  // namespace timetravel::TIMETRAVEL_BUILD
