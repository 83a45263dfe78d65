// V, eight floats, where registers hold 32 bytes: one vector.
#pragma once

#include <immintrin.h>

namespace timetravel::TIMETRAVEL_BUILD {

typedef float V __attribute__((vector_size(32)));
typedef float Unaligned __attribute__((vector_size(32), aligned(4)));

// Both compilers let a vector alias its elements.
INLINE V load(const float* from) { return *reinterpret_cast<const V*>(from); }
INLINE V load_unaligned(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
INLINE void store(float* to, V value) { *reinterpret_cast<V*>(to) = value; }
INLINE void store_unaligned(float* to, V value) { *reinterpret_cast<Unaligned*>(to) = value; }
INLINE V all(float value) { return V{} + value; }

// By lane; where b is NaN, NaN.
INLINE V smaller(V a, V b) { return _mm256_min_ps(a, b); }
INLINE V larger(V a, V b) { return _mm256_max_ps(a, b); }
INLINE V square_root(V x) { return _mm256_sqrt_ps(x); }
// 1 / x to two units in the last place, by an estimate and a step of Newton's method: the divider is busy with roots.
INLINE V reciprocal(V x) {
    const V estimate = _mm256_rcp_ps(x);
    return estimate * (2.0f - x * estimate);
}
// a in the lanes where x < limit, elsewhere b.
INLINE V where_below(V x, float limit, V a, V b) { return x < limit ? a : b; }

INLINE Four low_half(V a) { return __builtin_shufflevector(a, a, 0, 1, 2, 3); }
INLINE Four high_half(V a) { return __builtin_shufflevector(a, a, 4, 5, 6, 7); }
INLINE V weave_low(V a, V b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13); }
INLINE V weave_high(V a, V b) { return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15); }
INLINE V pairs_low(V a, V b) { return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13); }
INLINE V pairs_high(V a, V b) { return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15); }
INLINE V halves_low(V a, V b) { return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11); }
INLINE V halves_high(V a, V b) { return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15); }
INLINE V even_lanes(V a, V b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14); }
INLINE V odd_lanes(V a, V b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15); }

}  // namespace timetravel::TIMETRAVEL_BUILD
