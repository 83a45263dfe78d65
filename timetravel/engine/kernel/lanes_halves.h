// V, eight floats, where registers hold 16 bytes: two vectors side by side. (The compilers accept a vector of 32 bytes there
// too, but GCC then keeps it in memory, which makes the kernel four times slower.)
#pragma once

namespace timetravel::TIMETRAVEL_BUILD {

struct alignas(32) V {
    Four low, high;
};
typedef float Unaligned __attribute__((vector_size(16), aligned(4)));

// Both compilers let a vector alias its elements.
INLINE V load(const float* from) { return {load_four(from), load_four(from + 4)}; }
INLINE V load_unaligned(const float* from) {
    return {*reinterpret_cast<const Unaligned*>(from), *reinterpret_cast<const Unaligned*>(from + 4)};
}
INLINE void store(float* to, V value) {
    store_four(to, value.low);
    store_four(to + 4, value.high);
}
INLINE void store_unaligned(float* to, V value) {
    *reinterpret_cast<Unaligned*>(to) = value.low;
    *reinterpret_cast<Unaligned*>(to + 4) = value.high;
}
INLINE V all(float value) { return {Four{} + value, Four{} + value}; }

INLINE V operator-(V a) { return {-a.low, -a.high}; }
INLINE V operator+(V a, V b) { return {a.low + b.low, a.high + b.high}; }
INLINE V operator-(V a, V b) { return {a.low - b.low, a.high - b.high}; }
INLINE V operator*(V a, V b) { return {a.low * b.low, a.high * b.high}; }
INLINE V operator/(V a, V b) { return {a.low / b.low, a.high / b.high}; }
INLINE V operator+(V a, float b) { return {a.low + b, a.high + b}; }
INLINE V operator*(V a, float b) { return {a.low * b, a.high * b}; }
INLINE V& operator+=(V& a, V b) { return a = a + b; }

// By lane; where b is NaN, NaN.
INLINE V smaller(V a, V b) { return {a.low < b.low ? a.low : b.low, a.high < b.high ? a.high : b.high}; }
INLINE V larger(V a, V b) { return {a.low > b.low ? a.low : b.low, a.high > b.high ? a.high : b.high}; }
INLINE V square_root(V x) {
    UNROLL for (int i = 0; i < 4; i++) {
        x.low[i] = __builtin_sqrtf(x.low[i]);
        x.high[i] = __builtin_sqrtf(x.high[i]);
    }
    return x;
}
INLINE V reciprocal(V x) { return {1.0f / x.low, 1.0f / x.high}; }
// a in the lanes where x < limit, elsewhere b.
INLINE V where_below(V x, float limit, V a, V b) {
    return {x.low < limit ? a.low : b.low, x.high < limit ? a.high : b.high};
}

INLINE Four low_half(V a) { return a.low; }
INLINE Four high_half(V a) { return a.high; }
#define BY_HALF(...) {__builtin_shufflevector(a.low, b.low, __VA_ARGS__), __builtin_shufflevector(a.high, b.high, __VA_ARGS__)}
INLINE V weave_low(V a, V b) { return BY_HALF(0, 4, 1, 5); }
INLINE V weave_high(V a, V b) { return BY_HALF(2, 6, 3, 7); }
INLINE V pairs_low(V a, V b) { return BY_HALF(0, 1, 4, 5); }
INLINE V pairs_high(V a, V b) { return BY_HALF(2, 3, 6, 7); }
#undef BY_HALF
INLINE V halves_low(V a, V b) { return {a.low, b.low}; }
INLINE V halves_high(V a, V b) { return {a.high, b.high}; }
#define BY_VECTOR(...) {__builtin_shufflevector(a.low, a.high, __VA_ARGS__), __builtin_shufflevector(b.low, b.high, __VA_ARGS__)}
INLINE V even_lanes(V a, V b) { return BY_VECTOR(0, 2, 4, 6); }
INLINE V odd_lanes(V a, V b) { return BY_VECTOR(1, 3, 5, 7); }
#undef BY_VECTOR

}  // namespace timetravel::TIMETRAVEL_BUILD
