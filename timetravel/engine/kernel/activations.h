// The units' activations. An activation is a small struct with
//     V operator()(V x) const                       the value
//     V operator()(V x, V& derivative) const        the value, and its derivative with respect to x
// and a value of 0 at 0, so that the padding lanes stay at 0. The derivative is taken on the way forward, where x is at
// hand: that suits units whose derivative is not a function of their value (GELU, SiLU), and costs the others nothing.
#pragma once

#include "lanes.h"

namespace timetravel::TIMETRAVEL_BUILD {

// The rational minimax approximation of degree 13 over 6 that Eigen and XLA use for float32, clipped where tanh rounds to
// +-1: within 3e-7 of tanh everywhere. It is arithmetic only, so eight at once cost little more than one.
INLINE V rational_tanh(V x) {
    const V limit = all(7.90531110763549805f);
    x = limit < x ? limit : x;  // written so that a NaN stays a NaN
    x = -limit > x ? -limit : x;
    const V s = x * x;
    V p = s * -2.76076847742355e-16f + 2.00018790482477e-13f;
    p = p * s + -8.60467152213735e-11f;
    p = p * s + 5.12229709037114e-08f;
    p = p * s + 1.48572235717979e-05f;
    p = p * s + 6.37261928875436e-04f;
    p = p * s + 4.89352455891786e-03f;
    V q = s * 1.19825839466702e-06f + 1.18534705686654e-04f;
    q = q * s + 2.26843463243900e-03f;
    q = q * s + 4.89352518554385e-03f;
    return x * p / q;
}

struct Tanh {
    float amplitude, slope;
    INLINE V operator()(V x) const { return rational_tanh(x * slope) * amplitude; }
    INLINE V operator()(V x, V& derivative) const {
        const V value = (*this)(x);
        derivative = amplitude * slope - value * value * (slope / amplitude);
        return value;
    }
};

struct Relu {
    INLINE V operator()(V x) const { return x < 0.0f ? V{} : x; }  // a NaN stays a NaN
    INLINE V operator()(V x, V& derivative) const {
        derivative = x > 0.0f ? all(1.0f) : V{};
        return (*this)(x);
    }
};

struct Linear {
    INLINE V operator()(V x) const { return x; }
    INLINE V operator()(V x, V& derivative) const {
        derivative = all(1.0f);
        return x;
    }
};

}  // namespace timetravel::TIMETRAVEL_BUILD
