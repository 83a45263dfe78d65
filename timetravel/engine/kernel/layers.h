// The layers of the 1989 net, forward and backward, for one digit. Each loop nest is arranged so that 8 to 13 independent
// accumulators stay in registers: a fused multiply-add takes about 4 cycles and two can start in each, so fewer would wait.
#pragma once

#include "activations.h"
#include "net.h"

namespace timetravel::TIMETRAVEL_BUILD {

// H1's 8 columns are 8 lanes. Its stride of 2 would make a row's inputs every other pixel, so the padded image is kept as
// two planes, of its even and its odd columns: tap column k then reads plane k % 2 from column k / 2 on. Rows are 64 bytes.
struct Image {
    alignas(64) float plane[2][20][16];

    INLINE V row(int y, int tap_column) const { return load_unaligned(plane[tap_column % 2][y] + tap_column / 2); }

    void fill(float border) {
        for (int i = 0; i < 2 * 20 * 16; i++) plane[0][0][i] = border;
    }

    void set(const float* pixels) {
        for (int y = 0; y < 16; y++, pixels += 16) {
            const V left = load_unaligned(pixels), right = load_unaligned(pixels + 8);
            store_unaligned(plane[0][y + 2] + 1, even_lanes(left, right));
            store_unaligned(plane[1][y + 2] + 1, odd_lanes(left, right));
        }
    }
};

// H1's maps as one group of H2 maps reads them: padded by 2, and the group's 8 H1 maps as the lanes of each position.
struct Gathered {
    alignas(64) float position[12][12][8];
};

struct Activity {
    Image image;
    alignas(64) float h1[h1_units], h1_derivative[h1_units], h1_error[h1_units];
    Gathered gathered[12];
    alignas(64) float h2[h2_units], h2_derivative[h2_units], h2_error[h2_units];
    alignas(64) float h3[32], h3_derivative[32], h3_error[32];
    alignas(64) float output[16], output_derivative[16], output_error[16];

    explicit Activity(float border) {
        image.fill(border);
        for (Gathered& one : gathered)
            for (int i = 0; i < 12 * 12 * 8; i++) one.position[0][0][i] = border;
    }
};

template <class Activation>
INLINE void activate(const Activation& activation, int count, float* value, float* derivative) {
    KEEP_LOOP for (int i = 0; i < count; i += lanes) {
        V d;
        store(value + i, activation(load(value + i), d));
        store(derivative + i, d);
    }
}

// Forward ------------------------------------------------------------------------------------------------------------

// Two rows of six maps at a time: 12 accumulators for 2 loads of pixels and 6 of weights.
inline void h1_sums(const Image& image, const float* weights, float* sum) {
    const float* bias = weights + at::h1_bias;
    KEEP_LOOP for (int map = 0; map < 12; map += 6) {
        KEEP_LOOP for (int y = 0; y < 8; y += 2) {
            V a[6][2];
            UNROLL for (int m = 0; m < 6; m++) {
                UNROLL for (int r = 0; r < 2; r++) a[m][r] = load(bias + (map + m) * 64 + (y + r) * 8);
            }
            KEEP_LOOP for (int ky = 0; ky < 5; ky++) {
                const float* w = weights + at::h1_weight + ky * 5 * 16 + map;
                UNROLL for (int kx = 0; kx < 5; kx++) {
                    const V row0 = image.row(2 * y + ky, kx), row1 = image.row(2 * y + 2 + ky, kx);
                    UNROLL for (int m = 0; m < 6; m++) {
                        const float tap = w[kx * 16 + m];
                        a[m][0] += row0 * tap;
                        a[m][1] += row1 * tap;
                    }
                }
            }
            UNROLL for (int m = 0; m < 6; m++) {
                UNROLL for (int r = 0; r < 2; r++) store(sum + (map + m) * 64 + (y + r) * 8, a[m][r]);
            }
        }
    }
}

// A row of 8 positions in 8 maps becomes 8 maps at 8 positions.
inline void gather(const Wiring& wiring, const float* h1, Gathered* gathered) {
    KEEP_LOOP for (int g = 0; g < wiring.groups; g++) {
        KEEP_LOOP for (int y = 0; y < 8; y++) {
            V a[8];
            UNROLL for (int l = 0; l < 8; l++) a[l] = load(h1 + wiring.inputs[g][l] * 64 + y * 8);
            transpose(a);
            UNROLL for (int x = 0; x < 8; x++) store(gathered[g].position[y + 2][x + 2], a[x]);
        }
    }
}

// Two rows of one map at a time: 8 accumulators, the 8 inputs as lanes, summed across at the end.
inline void h2_sums(const Wiring& wiring, const Gathered* gathered, const float* weights, float* sum) {
    KEEP_LOOP for (int map = 0; map < 12; map++) {
        const Gathered& input = gathered[wiring.group[map]];
        KEEP_LOOP for (int y = 0; y < 4; y += 2) {
            V a[8] = {};
            const float* w = weights + at::h2_weight + map * 25 * 8;
            KEEP_LOOP for (int ky = 0; ky < 5; ky++) {
                KEEP_LOOP for (int kx = 0; kx < 5; kx++, w += 8) {
                    const V tap = load(w);
                    const float* from = input.position[2 * y + ky][kx];
                    UNROLL for (int p = 0; p < 8; p++) a[p] += tap * load(from + (p / 4 * 2 * 12 + p % 4 * 2) * 8);
                }
            }
            const int i = map * 16 + y * 4;
            store(sum + i, sums(a) + load(weights + at::h2_bias + i));
        }
    }
}

// Eight units at a time; the rows of padding give 0.
template <int units, int width>
INLINE void full_sums(const float* input, const float* w, const float* bias, float* sum) {
    KEEP_LOOP for (int unit = 0; unit < units; unit += 8) {
        V a[8] = {};
        KEEP_LOOP for (int i = 0; i < width; i += lanes) {
            const V x = load(input + i);
            UNROLL for (int u = 0; u < 8; u++) a[u] += x * load(w + (unit + u) * width + i);
        }
        store(sum + unit, sums(a) + load(bias + unit));
    }
}

// Backward -----------------------------------------------------------------------------------------------------------
// Each layer turns the error of its units into the error of the units below, with the weights as they were, and hands the
// gradients of its own weights to the step. An error is the loss's derivative with respect to a unit's weighted sum.

template <class Step>
inline void output_backward(const Step& step, const float* weights, Activity& activity) {
    V below[4] = {}, input[4];
    UNROLL for (int i = 0; i < 4; i++) input[i] = load(activity.h3 + i * 8);
    KEEP_LOOP for (int unit = 0; unit < output_units; unit++) {
        const float error = activity.output_error[unit];
        const int row = at::output_weight + unit * 32;
        UNROLL for (int i = 0; i < 4; i++) {
            below[i] += load(weights + row + i * 8) * error;
            step(row + i * 8, input[i] * error);
        }
    }
    UNROLL for (int i = 0; i < 2; i++) step(at::output_bias + i * 8, load(activity.output_error + i * 8));
    UNROLL for (int i = 0; i < 4; i++) store(activity.h3_error + i * 8, below[i] * load(activity.h3_derivative + i * 8));
}

// Eight vectors of H2's units at a time, so that each weight is read once for both uses.
template <class Step>
inline void h3_backward(const Step& step, const float* weights, Activity& activity) {
    KEEP_LOOP for (int i = 0; i < h2_units; i += 64) {
        V below[8] = {};
        const float* input = activity.h2 + i;
        KEEP_LOOP for (int unit = 0; unit < h3_units; unit++) {
            const V error = all(activity.h3_error[unit]);
            const int row = at::h3_weight + unit * h2_units + i;
            UNROLL for (int k = 0; k < 8; k++) {
                below[k] += load(weights + row + k * 8) * error;
                step(row + k * 8, load(input + k * 8) * error);
            }
        }
        UNROLL for (int k = 0; k < 8; k++) {
            const V error = below[k] * load(activity.h2_derivative + i + k * 8);
            store(activity.h2_error + i + k * 8, error);
            step(at::h2_bias + i + k * 8, error);
        }
    }
    UNROLL for (int i = 0; i < 4; i++) step(at::h3_bias + i * 8, load(activity.h3_error + i * 8));
}

// H1's error, gathered a row of 8 positions and the 8 maps of a group at a time: tap column kx carries the error of H2's
// column x to H1's column 2 x + kx - 2. What would fall outside H1's maps is never computed.
inline void h2_error_below(const Wiring& wiring, const float* weights, Activity& activity) {
    for (int i = 0; i < h1_units; i += lanes) store(activity.h1_error + i, V{});
    KEEP_LOOP for (int g = 0; g < wiring.groups; g++) {
        KEEP_LOOP for (int y = 0; y < 8; y++) {
            V a[8] = {};
            const int first = y < 2 ? 0 : (y - 1) / 2, last = y < 4 ? y / 2 + 1 : 3;
            KEEP_LOOP for (int member = 0; member < wiring.size[g]; member++) {
                const int map = wiring.members[g][member];
                KEEP_LOOP for (int above = first; above <= last; above++) {
                    const float* w = weights + at::h2_weight + (map * 25 + (y + 2 - 2 * above) * 5) * 8;
                    const float* error = activity.h2_error + map * 16 + above * 4;
                    UNROLL for (int kx = 0; kx < 5; kx++) {
                        const V tap = load(w + kx * 8);
                        UNROLL for (int x = 0; x < 4; x++) {
                            const int to = 2 * x + kx - 2;
                            if (to >= 0 && to < 8) a[to] += tap * error[x];
                        }
                    }
                }
            }
            transpose(a);
            UNROLL for (int l = 0; l < 8; l++) {
                float* error = activity.h1_error + wiring.inputs[g][l] * 64 + y * 8;
                store(error, load(error) + a[l]);
            }
        }
    }
}

// One map's taps from `first` on: each error is read once for `count` accumulators.
template <int first, int count, class Step>
INLINE void h2_taps(const Step& step, int map, const Gathered& input, const float* error) {
    V a[count] = {};
    KEEP_LOOP for (int y = 0; y < 4; y++) {
        KEEP_LOOP for (int x = 0; x < 4; x++) {
            const V e = all(error[y * 4 + x]);
            const float* from = input.position[2 * y][2 * x];
            UNROLL for (int t = 0; t < count; t++) {
                const int ky = (first + t) / 5, kx = (first + t) % 5;
                a[t] += e * load(from + (ky * 12 + kx) * 8);
            }
        }
    }
    UNROLL for (int t = 0; t < count; t++) step(at::h2_weight + (map * 25 + first + t) * 8, a[t]);
}

template <class Step>
inline void h2_backward(const Step& step, const Wiring& wiring, const float* weights, Activity& activity) {
    h2_error_below(wiring, weights, activity);
    KEEP_LOOP for (int map = 0; map < 12; map++) {
        const Gathered& input = activity.gathered[wiring.group[map]];
        h2_taps<0, 13>(step, map, input, activity.h2_error + map * 16);
        h2_taps<13, 12>(step, map, input, activity.h2_error + map * 16);
    }
}

// One tap of all 12 maps at a time: 12 accumulators with the columns as lanes, summed across at the end.
template <class Step>
inline void h1_backward(const Step& step, Activity& activity) {
    KEEP_LOOP for (int i = 0; i < h1_units; i += lanes) {
        const V error = load(activity.h1_error + i) * load(activity.h1_derivative + i);
        store(activity.h1_error + i, error);
        step(at::h1_bias + i, error);
    }
    KEEP_LOOP for (int ky = 0; ky < 5; ky++) {
        UNROLL for (int kx = 0; kx < 5; kx++) {
            V a[12] = {};
            KEEP_LOOP for (int y = 0; y < 8; y++) {
                const V pixels = activity.image.row(2 * y + ky, kx);
                UNROLL for (int map = 0; map < 12; map++) a[map] += pixels * load(activity.h1_error + map * 64 + y * 8);
            }
            const V low[8] = {a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]};
            const V high[8] = {a[8], a[9], a[10], a[11], V{}, V{}, V{}, V{}};
            const int tap = at::h1_weight + (ky * 5 + kx) * 16;
            step(tap, sums(low));
            step(tap + 8, sums(high));
        }
    }
}

}  // namespace timetravel::TIMETRAVEL_BUILD
