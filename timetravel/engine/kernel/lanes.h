// Eight floats at a time, in the vector extensions that GCC and clang share: ordinary operators, no intrinsics, and the
// compiler splits a vector where the machine's registers are shorter.
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

#ifdef __AVX__
#include <immintrin.h>
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
typedef float V __attribute__((vector_size(32)));
typedef float Unaligned __attribute__((vector_size(32), aligned(4)));
typedef float Four __attribute__((vector_size(16)));

// Both compilers let a vector alias its elements.
INLINE V load(const float* from) { return *reinterpret_cast<const V*>(from); }
INLINE V load_unaligned(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
INLINE void store(float* to, V value) { *reinterpret_cast<V*>(to) = value; }
INLINE void store_unaligned(float* to, V value) { *reinterpret_cast<Unaligned*>(to) = value; }
INLINE Four load_four(const float* from) { return *reinterpret_cast<const Four*>(from); }
INLINE void store_four(float* to, Four value) { *reinterpret_cast<Four*>(to) = value; }
INLINE V all(float value) { return V{} + value; }

// The smaller and the larger in each lane; where b is NaN, NaN.
#ifdef __AVX__
INLINE V smaller(V a, V b) { return _mm256_min_ps(a, b); }
INLINE V larger(V a, V b) { return _mm256_max_ps(a, b); }
#else
INLINE V smaller(V a, V b) { return a < b ? a : b; }
INLINE V larger(V a, V b) { return a > b ? a : b; }
#endif

INLINE V square_root(V x) {
#ifdef __AVX__
    return _mm256_sqrt_ps(x);
#else
    UNROLL for (int i = 0; i < lanes; i++) x[i] = __builtin_sqrtf(x[i]);
    return x;
#endif
}

// Lanes from two vectors: pairs of neighbours woven together, within each half of a vector (the cheap kind of shuffle).
INLINE V weave_low(V a, V b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13); }
INLINE V weave_high(V a, V b) { return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15); }
INLINE V pairs_low(V a, V b) { return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13); }
INLINE V pairs_high(V a, V b) { return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15); }
INLINE V halves_low(V a, V b) { return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11); }
INLINE V halves_high(V a, V b) { return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15); }
INLINE V even_lanes(V a, V b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14); }
INLINE V odd_lanes(V a, V b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15); }

// The sums of four vectors, as two partial sums in the two halves of the result.
INLINE V quarter_sums(V a, V b, V c, V d) {
    const V ab = weave_low(a, b) + weave_high(a, b), cd = weave_low(c, d) + weave_high(c, d);
    return pairs_low(ab, cd) + pairs_high(ab, cd);
}

// The sums of four vectors.
INLINE Four sums(V a, V b, V c, V d) {
    const V both = quarter_sums(a, b, c, d);
    return __builtin_shufflevector(both, both, 0, 1, 2, 3) + __builtin_shufflevector(both, both, 4, 5, 6, 7);
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
