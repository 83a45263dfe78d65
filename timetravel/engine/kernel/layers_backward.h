// The layers of the 1989 net, backward, for `digits` digits at once: one, or a part of a mini-batch, whose gradients are
// added up in registers.
// Each layer turns the error of its units into the error of the units below, with the weights as they were, and hands the
// gradients of its own weights to the step. An error is the loss's derivative with respect to a unit's weighted sum.
#pragma once

#include "activity.h"

namespace timetravel::TIMETRAVEL_BUILD {

// Eight values of a field, added up over the digits.
template <int digits, int count>
INLINE V sum_of(const Activity* activity, float (Activity::*field)[count], int i) {
    V sum = load(activity->*field + i);
    UNROLL for (int d = 1; d < digits; d++) sum += load(activity[d].*field + i);
    return sum;
}

// For one digit. The layer below has `width` units, which fit into registers.
template <int weight, int bias, int width, class Step>
inline void output_backward(const Step step, const float* output_error, const float* value, const float* derivative,
                            float* error_below) {
    constexpr int vectors = width / lanes;
    V below[vectors] = {}, input[vectors];
    UNROLL for (int i = 0; i < vectors; i++) input[i] = load(value + i * 8);
    KEEP_LOOP for (int unit = 0; unit < output_units; unit++) {
        const float error = output_error[unit];
        const int row = weight + unit * width;
        UNROLL for (int i = 0; i < vectors; i++) {
            below[i] += load(step.weights + row + i * 8) * error;
            step(row + i * 8, input[i] * error);
        }
    }
    UNROLL for (int i = 0; i < 2; i++) step(bias + i * 8, load(output_error + i * 8));
    UNROLL for (int i = 0; i < vectors; i++) store(error_below + i * 8, below[i] * load(derivative + i * 8));
}

// Eight vectors of H2's units at a time, shared among the digits, so that each weight is read once for both uses.
template <int digits, class Step>
inline void h3_backward(const Step step, Activity* activity) {
    constexpr int vectors = 8 / digits;
    KEEP_LOOP for (int i = 0; i < h2_units; i += vectors * 8) {
        V below[digits * vectors] = {};
        KEEP_LOOP for (int unit = 0; unit < h3_units; unit++) {
            const int row = at::h3_weight + unit * h2_units + i;
            unrolled<vectors>([&](auto k) INLINED {
                const V w = load(step.weights + row + k * 8);
                V gradient = {};
                unrolled<digits>([&](auto d) INLINED {
                    const V error = all(activity[d].h3_error[unit]);
                    below[d * vectors + k] += w * error;
                    gradient += load(activity[d].h2 + i + k * 8) * error;
                });
                step(row + k * 8, gradient);
            });
        }
        unrolled<vectors>([&](auto k) INLINED {
            V sum = {};
            unrolled<digits>([&](auto d) INLINED {
                const V error = below[d * vectors + k] * load(activity[d].h2_derivative + i + k * 8);
                store(activity[d].h2_error + i + k * 8, error);
                sum += error;
            });
            step(at::h2_bias + i + k * 8, sum);
        });
    }
    UNROLL for (int i = 0; i < 4; i++) step(at::h3_bias + i * 8, sum_of<digits>(activity, &Activity::h3_error, i * 8));
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
                    unrolled<5>([&](auto kx) INLINED {
                        const V tap = load(w + kx * 8);
                        unrolled<4>([&](auto x) INLINED {
                            constexpr int to = 2 * x + kx - 2;
                            if constexpr (to >= 0 && to < 8) a[to] += tap * error[x];
                        });
                    });
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

// Taps 0 and 1 read the border at the first position, tap 4 at the last, taps 2 and 3 nowhere: three kinds of taps.
constexpr int kind(int tap) { return tap < 2 ? 0 : tap < 4 ? 1 : 2; }

// For each kind of tap in y and x, border * (the sum of the errors of the positions where such taps read the border).
INLINE void border_errors(float border, const float* e, float (&at_border)[3][3]) {
    const float rows[3] = {e[0] + e[1] + e[2] + e[3], 0, e[12] + e[13] + e[14] + e[15]};
    const float columns[3] = {e[0] + e[4] + e[8] + e[12], 0, e[3] + e[7] + e[11] + e[15]};
    const float corners[3][3] = {{e[0], 0, e[3]}, {0, 0, 0}, {e[12], 0, e[15]}};
    UNROLL for (int y = 0; y < 3; y++) {
        UNROLL for (int x = 0; x < 3; x++) at_border[y][x] = border * (rows[y] + columns[x] - corners[y][x]);
    }
}

// One map's taps in one or two rows of its kernel: 5 or 10 accumulators and a row of 4 errors in registers. Going by input
// columns, one load of an input serves all the taps that read it. Where a tap reads the border nothing is multiplied here.
template <int digits, int first, int rows, class Step>
INLINE void h2_taps(const Step step, int map, int group, const Activity* activity, const float (&at_border)[3][3]) {
    V a[rows * 5] = {};
    KEEP_LOOP for (int d = 0; d < digits; d++) {
        const Gathered& input = activity[d].gathered[group];
        const float* error = activity[d].h2_error + map * 16;
        unrolled<4>([&](auto y) INLINED {
            FORGET_LOADS;
            const V e[4] = {all(error[y * 4]), all(error[y * 4 + 1]), all(error[y * 4 + 2]), all(error[y * 4 + 3])};
            unrolled<rows>([&](auto r) INLINED {
                if constexpr (inside(y, first + r)) {
                    unrolled<10, 2>([&](auto column) INLINED {
                        const V in = load(input.position[2 * y + first + r][column]);
                        unrolled<4>([&](auto x) INLINED {
                            constexpr int kx = column - 2 * x;
                            if constexpr (kx >= 0 && kx < 5) a[r * 5 + kx] += e[x] * in;
                        });
                    });
                }
            });
        });
    }
    unrolled<rows * 5>([&](auto t) INLINED {
        constexpr int ky = first + t / 5, kx = t % 5;
        step(at::h2_weight + (map * 25 + ky * 5 + kx) * 8, a[t] + at_border[kind(ky)][kind(kx)]);
    });
}

template <int digits, class Step>
inline void h2_backward(const Step step, const Wiring& wiring, Activity* activity) {
    for (int d = 0; d < digits; d++) h2_error_below(wiring, step.weights, activity[d]);
    KEEP_LOOP for (int map = 0; map < 12; map++) {
        alignas(32) float error[16];
        UNROLL for (int i = 0; i < 16; i += 8)
            store(error + i, sum_of<digits>(activity, &Activity::h2_error, map * 16 + i));
        float at_border[3][3];
        border_errors(activity->map_border, error, at_border);
        const int group = wiring.group[map];
        h2_taps<digits, 0, 2>(step, map, group, activity, at_border);
        h2_taps<digits, 2, 2>(step, map, group, activity, at_border);
        h2_taps<digits, 4, 1>(step, map, group, activity, at_border);
    }
}

// One tap of all 12 maps at a time: 12 accumulators with the columns as lanes, summed across at the end.
template <int digits, class Step>
inline void h1_backward(const Step step, Activity* activity) {
    KEEP_LOOP for (int i = 0; i < h1_units; i += lanes) {
        UNROLL for (int d = 0; d < digits; d++) {
            float* error = activity[d].h1_error + i;
            store(error, load(error) * load(activity[d].h1_derivative + i));
        }
        step(at::h1_bias + i, sum_of<digits>(activity, &Activity::h1_error, i));
    }
    KEEP_LOOP for (int ky = 0; ky < 5; ky++) {
        UNROLL for (int kx = 0; kx < 5; kx++) {
            V a[12] = {};
            KEEP_LOOP for (int d = 0; d < digits; d++) {
                KEEP_LOOP for (int y = 0; y < 8; y++) {
                    const V pixels = activity[d].image.row(2 * y + ky, kx);
                    const float* error = activity[d].h1_error + y * 8;
                    UNROLL for (int map = 0; map < 12; map++) a[map] += pixels * load(error + map * 64);
                }
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
