// The layers of the 1989 net, forward, for one digit. Each loop nest here and in layers_backward.h is arranged so that 8 to
// 13 independent accumulators stay in registers: a fused multiply-add takes about 4 cycles and two can start in each, so
// fewer would wait.
#pragma once

#include "activity.h"

namespace timetravel::TIMETRAVEL_BUILD {

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

// What the border adds to the positions of every H2 map: the same for all digits of a mini-batch.
struct Borders {
    V sum[12][4][4];

    void set(float border, const float* weights) {
        KEEP_LOOP for (int map = 0; map < 12; map++) border_sums(border, weights + at::h2_weight + map * 25 * 8, sum[map]);
    }
};

// Some rows of some maps, the 8 inputs as lanes, summed across at the end: 12 accumulators, where 8 would have to wait for
// the taps that few rows share. Going by input rows, one load of an input serves all the rows that read it.
template <int first, int rows, int maps>
INLINE void h2_rows(const Wiring& wiring, const Gathered* gathered, const Borders& borders, const float* weights, int map,
                    float* to) {
    V a[maps * rows * 4] = {};
    const float *w[maps], *input[maps];
    unrolled<maps>([&](auto m) INLINED {
        w[m] = weights + at::h2_weight + (map + m) * 25 * 8;
        input[m] = gathered[wiring.group[map + m]].position[0][0];
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
        constexpr int m = i / rows, y = first + i % rows;
        const int unit = (map + m) * 16 + y * 4;
        unrolled<4>([&](auto x) INLINED { a[i * 4 + x] += borders.sum[map + m][y][x]; });
        const Four bias = load_four(weights + at::h2_bias + unit);
        store_four(to + unit, sums(a[i * 4], a[i * 4 + 1], a[i * 4 + 2], a[i * 4 + 3]) + bias);
    });
}

// Three maps at a time: the first three rows of each, and then the last row of all three.
inline void h2_sums(const Wiring& wiring, const Gathered* gathered, const Borders& borders, const float* weights, float* to) {
    KEEP_LOOP for (int map = 0; map < 12; map += 3) {
        KEEP_LOOP for (int m = 0; m < 3; m++) h2_rows<0, 3, 1>(wiring, gathered, borders, weights, map + m, to);
        h2_rows<3, 1, 3>(wiring, gathered, borders, weights, map, to);
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

}  // namespace timetravel::TIMETRAVEL_BUILD
