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
        for (auto& half : plane)
            for (auto& line : half)
                for (float& pixel : line) pixel = border;
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
            for (auto& line : one.position)
                for (auto& position : line)
                    for (float& value : position) value = border;
    }
};

template <class Activation>
INLINE void activate(const Activation activation, int count, float* value, float* derivative) {
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

// Whether a position of H2 reads inside H1's maps with this tap, in one direction.
constexpr bool inside(int position, int tap) { return 2 * position + tap >= 2 && 2 * position + tap < 10; }

// What the taps that read the border (28 % of them) add to the positions of one map: border * (the sum of their weights).
INLINE void border_sums(float border, const float* w, V (&sum)[4][4]) {
    V line[5], left[5], right[5];  // of each tap row: all of it, and what the first and the last column lose of it
    UNROLL for (int ky = 0; ky < 5; ky++) {
        left[ky] = load(w + ky * 40) + load(w + ky * 40 + 8);
        right[ky] = load(w + ky * 40 + 32);
        line[ky] = left[ky] + load(w + ky * 40 + 16) + load(w + ky * 40 + 24) + right[ky];
    }
    UNROLL for (int y = 0; y < 4; y++) {
        V lines = {}, lefts = {}, rights = {};
        UNROLL for (int ky = 0; ky < 5; ky++) {
            if (inside(y, ky)) {
                lefts += left[ky];
                rights += right[ky];
            } else {
                lines += line[ky];
            }
        }
        sum[y][0] = (lines + lefts) * border;
        sum[y][1] = sum[y][2] = lines * border;
        sum[y][3] = (lines + rights) * border;
    }
}

// The input and the weights of one H2 map, and what the border adds to its positions.
struct MapBelow {
    const Gathered* input;
    const float* w;
    V at_border[4][4];
};

// Some rows of some maps, the 8 inputs as lanes, summed across at the end: 12 accumulators, where 8 would have to wait for
// the taps that few rows share. Going by input rows, one load of an input serves all the rows that read it.
template <int first, int rows, int maps>
INLINE void h2_rows(const MapBelow* below, const float* bias, float* sum) {
    V a[maps * rows * 4] = {};
    const float *w[maps], *input[maps];
    unrolled<maps>([&](auto m) INLINED {
        w[m] = below[m].w;
        input[m] = below[m].input->position[0][0];
    });
    unrolled<2 * (first + rows) + 3, 2 * first>([&](auto line) INLINED {
        if constexpr (line >= 2 && line < 10) {
            unrolled<5>([&](auto kx) INLINED {
                FORGET_LOADS;
                unrolled<maps * rows>([&](auto i) INLINED {
                    constexpr int m = i / rows, r = i % rows, ky = line - 2 * (first + r);
                    if constexpr (ky >= 0 && ky < 5) {
                        const V tap = load(w[m] + (ky * 5 + kx) * 8);
                        unrolled<4>([&](auto x) INLINED {
                            if constexpr (inside(x, kx))
                                a[i * 4 + x] += tap * load(input[m] + (line * 12 + 2 * x + kx) * 8);
                        });
                    }
                });
            });
        }
    });
    unrolled<maps * rows>([&](auto i) INLINED {
        constexpr int m = i / rows, y = first + i % rows, to = m * 16 + y * 4;
        unrolled<4>([&](auto x) INLINED { a[i * 4 + x] += below[m].at_border[y][x]; });
        store_four(sum + to, sums(a[i * 4], a[i * 4 + 1], a[i * 4 + 2], a[i * 4 + 3]) + load_four(bias + to));
    });
}

// Three maps at a time: the first three rows of each, and then the last row of all three.
inline void h2_sums(const Wiring& wiring, const Gathered* gathered, float border, const float* weights, float* sum) {
    const float* bias = weights + at::h2_bias;
    KEEP_LOOP for (int map = 0; map < 12; map += 3) {
        MapBelow below[3];
        KEEP_LOOP for (int m = 0; m < 3; m++) {
            below[m].input = gathered + wiring.group[map + m];
            below[m].w = weights + at::h2_weight + (map + m) * 25 * 8;
            border_sums(border, below[m].w, below[m].at_border);
            h2_rows<0, 3, 1>(below + m, bias + (map + m) * 16, sum + (map + m) * 16);
        }
        h2_rows<3, 1, 3>(below, bias + map * 16, sum + map * 16);
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
inline void output_backward(const Step& step, Activity& activity) {
    V below[4] = {}, input[4];
    UNROLL for (int i = 0; i < 4; i++) input[i] = load(activity.h3 + i * 8);
    KEEP_LOOP for (int unit = 0; unit < output_units; unit++) {
        const float error = activity.output_error[unit];
        const int row = at::output_weight + unit * 32;
        UNROLL for (int i = 0; i < 4; i++) {
            below[i] += load(step.weights + row + i * 8) * error;
            step(row + i * 8, input[i] * error);
        }
    }
    UNROLL for (int i = 0; i < 2; i++) step(at::output_bias + i * 8, load(activity.output_error + i * 8));
    UNROLL for (int i = 0; i < 4; i++) store(activity.h3_error + i * 8, below[i] * load(activity.h3_derivative + i * 8));
}

// Eight vectors of H2's units at a time, so that each weight is read once for both uses.
template <class Step>
inline void h3_backward(const Step& step, Activity& activity) {
    KEEP_LOOP for (int i = 0; i < h2_units; i += 64) {
        V below[8] = {};
        const float* input = activity.h2 + i;
        KEEP_LOOP for (int unit = 0; unit < h3_units; unit++) {
            const V error = all(activity.h3_error[unit]);
            const int row = at::h3_weight + unit * h2_units + i;
            UNROLL for (int k = 0; k < 8; k++) {
                below[k] += load(step.weights + row + k * 8) * error;
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
template <int first, int rows, class Step>
INLINE void h2_taps(const Step& step, int map, const Gathered& input, const float* error, const float (&at_border)[3][3]) {
    V a[rows * 5] = {};
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
    unrolled<rows * 5>([&](auto t) INLINED {
        constexpr int ky = first + t / 5, kx = t % 5;
        step(at::h2_weight + (map * 25 + ky * 5 + kx) * 8, a[t] + at_border[kind(ky)][kind(kx)]);
    });
}

template <class Step>
inline void h2_backward(const Step& step, const Wiring& wiring, float border, Activity& activity) {
    h2_error_below(wiring, step.weights, activity);
    KEEP_LOOP for (int map = 0; map < 12; map++) {
        const Gathered& input = activity.gathered[wiring.group[map]];
        const float* error = activity.h2_error + map * 16;
        float at_border[3][3];
        border_errors(border, error, at_border);
        h2_taps<0, 2>(step, map, input, error, at_border);
        h2_taps<2, 2>(step, map, input, error, at_border);
        h2_taps<4, 1>(step, map, input, error, at_border);
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
