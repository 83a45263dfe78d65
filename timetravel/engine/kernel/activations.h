// The units' activations. An activation is a small struct with
//     V operator()(V x) const                       the value
//     V operator()(V x, V& derivative) const        the value, and its derivative with respect to x
// and a value of 0 at 0, so that the padding lanes stay at 0. The derivative is taken on the way forward, where x is at
// hand: that suits units whose derivative is not a function of their value (GELU, SiLU), and costs the others nothing.
#pragma once

#include "lanes.h"

namespace timetravel::TIMETRAVEL_BUILD {

// amplitude * tanh(slope * x), by the rational minimax approximation of degree 13 over 6 that Eigen and XLA use for float32,
// clipped where tanh rounds to +-1: within 4e-7 of the amplitude everywhere. It is plain arithmetic, so eight at once cost
// little more than one. The amplitude and the slope are folded into the coefficients and cost nothing.
struct Tanh {
    V limit, numerator[7], denominator[4], steepest, bend;

    Tanh(float amplitude, float slope) {
        static constexpr double p[7] = {4.89352455891786e-03,  6.37261928875436e-04, 1.48572235717979e-05,
                                        5.12229709037114e-08,  -8.60467152213735e-11, 2.00018790482477e-13,
                                        -2.76076847742355e-16};
        static constexpr double q[4] = {4.89352518554385e-03, 2.26843463243900e-03, 1.18534705686654e-04,
                                        1.19825839466702e-06};
        const double square = double(slope) * slope;
        double scale = 1;
        for (int i = 0; i < 7; i++, scale *= square) {
            numerator[i] = all(float(p[i] * scale * amplitude * slope));
            if (i < 4) denominator[i] = all(float(q[i] * scale));
        }
        limit = all(float(7.90531110763549805 / slope));
        steepest = all(amplitude * slope);
        bend = all(slope / amplitude);
    }

    INLINE V operator()(V x) const {
        x = smaller(limit, x);
        x = larger(-limit, x);
        const V s = x * x;
        V p = numerator[6] * s + numerator[5];
        p = p * s + numerator[4];
        p = p * s + numerator[3];
        p = p * s + numerator[2];
        p = p * s + numerator[1];
        p = p * s + numerator[0];
        V q = denominator[3] * s + denominator[2];
        q = q * s + denominator[1];
        q = q * s + denominator[0];
        return x * p / q;
    }

    INLINE V operator()(V x, V& derivative) const {
        const V value = (*this)(x);
        derivative = steepest - value * value * bend;
        return value;
    }
};

struct Relu {
    INLINE V operator()(V x) const { return larger(V{}, x); }
    INLINE V operator()(V x, V& derivative) const {
        derivative = where_below(-x, 0, all(1), V{});
        return (*this)(x);
    }
};

// x * sigmoid(x) (Elfwing et al. 2017, Ramachandran et al. 2017).
struct Silu {
    Tanh half{0.5f, 0.5f};  // sigmoid(x) = 1/2 + 1/2 tanh(x / 2)

    INLINE V operator()(V x) const { return x * (half(x) + 0.5f); }
    INLINE V operator()(V x, V& derivative) const {
        const V s = half(x) + 0.5f;
        derivative = s + x * (s - s * s);
        return x * s;
    }
};

// The tanh form of the Gaussian error linear unit (Hendrycks and Gimpel 2016): x / 2 (1 + tanh(u)), u = steepness (x +
// cubic x^3). Half of tanh(u) is a rational approximation of its own, fitted for the least greatest error: within 2e-7, and
// cheaper than by u. Beyond +-5 it is +-1/2.
struct Gelu {
    static constexpr float cubic = 0.044715f, steepness = 0.797884560802865356f;

    // Half of tanh(u); leaves x within +-5, and its square.
    static INLINE V half_tanh(V& x, V& square) {
        x = larger(all(-5), smaller(all(5), x));
        square = x * x;
        V p = square * 4.5112801672075875e-06f + 0.00016492004215251654f;
        p = p * square + 0.003689044388011098f;
        p = p * square + 0.036817364394664764f;
        p = p * square + 0.3989420235157013f;
        V q = square * 4.379687936761911e-07f + 7.28052036720328e-05f;
        q = q * square + 0.0014358561020344496f;
        q = q * square + 0.027192063629627228f;
        q = q * square + 0.2597753405570984f;
        q = q * square + 1.0f;
        return x * p / q;
    }

    INLINE V operator()(V x) const {
        V near = x, square;
        return x * (half_tanh(near, square) + 0.5f);
    }
    INLINE V operator()(V x, V& derivative) const {
        V near = x, square;
        const V t = half_tanh(near, square), share = t + 0.5f;
        derivative = share + near * (square * (6 * cubic * steepness) + 2 * steepness) * (t * t * -1.0f + 0.25f);
        return x * share;
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
