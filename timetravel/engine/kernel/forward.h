// The batched forward pass of the 1989 net, eight digits at a time.
// It reads the parameters in the nn.Module's own order. The weights are fixed during a call, so what the border adds to a
// unit is added to its bias once, and taps that fall outside the image (14 % of H1's, 28 % of H2's) are skipped.
#pragma once

#include "eight_digits.h"

namespace timetravel::TIMETRAVEL_BUILD {

struct Evaluation {
    float h1_bias[12][8][8], h2_bias[12][4][4];  // with the border's share
    V input[16][16], h1[12][8][8], h2[h2_units], h3[h3_units], output[output_units];
};

// The biases of one map of `size` units a side, with border * (the weights of the taps that fall outside) added to each.
template <int size>
inline void add_border(float border, const float* weights, int inputs, const float* bias, float (&sum)[size][size]) {
    constexpr int side = 2 * size;  // of the maps below
    double tap_sum[25] = {};
    for (int i = 0; i < inputs * 25; i++) tap_sum[i % 25] += weights[i];
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            double outside = 0;
            for (int tap = 0; tap < 25; tap++) {
                const int from_y = 2 * y + tap / 5 - 2, from_x = 2 * x + tap % 5 - 2;
                if (from_y < 0 || from_y >= side || from_x < 0 || from_x >= side) outside += tap_sum[tap];
            }
            sum[y][x] = float(bias[y * size + x] + border * outside);
        }
}

// Three maps and half a row: 12 accumulators. Which columns a tap reaches is settled when the loops unroll.
template <int half, class Activation>
INLINE void h1_half_row(const Activation& activation, const float* weights, int map, int y, Evaluation& e) {
    V a[3 * 4];  // flat: GCC keeps nested arrays in memory
    UNROLL for (int m = 0; m < 3; m++) {
        UNROLL for (int x = 0; x < 4; x++) a[m * 4 + x] = all(e.h1_bias[map + m][y][half * 4 + x]);
    }
    for (int ky = y == 0 ? 2 : 0; ky < (y == 7 ? 4 : 5); ky++) {
        const V* row = e.input[2 * y + ky - 2];
        const float* w = weights + map * 25 + ky * 5;
        unrolled<5>([&](auto kx) INLINED {
            FORGET_LOADS;
            const V w0 = all(w[kx]), w1 = all(w[25 + kx]), w2 = all(w[50 + kx]);
            unrolled<4>([&](auto x) INLINED {
                constexpr int column = 2 * (half * 4 + x) + kx - 2;
                if constexpr (column >= 0 && column < 16) {
                    a[x] += w0 * row[column];
                    a[4 + x] += w1 * row[column];
                    a[8 + x] += w2 * row[column];
                }
            });
        });
    }
    UNROLL for (int m = 0; m < 3; m++) {
        UNROLL for (int x = 0; x < 4; x++) e.h1[map + m][y][half * 4 + x] = activation(a[m * 4 + x]);
    }
}

// Some rows of some maps: 12 accumulators, where 8 would have to wait for the taps that few rows share. Going by input rows,
// one load of an input serves all the rows that read it.
template <int first, int rows, int maps, class Activation>
INLINE void h2_rows(const Activation& activation, const float* weights, const std::uint8_t* table, int map, Evaluation& e) {
    V a[maps * rows * 4];
    UNROLL for (int m = 0; m < maps; m++) {
        UNROLL for (int r = 0; r < rows; r++) {
            UNROLL for (int x = 0; x < 4; x++) a[(m * rows + r) * 4 + x] = all(e.h2_bias[map + m][first + r][x]);
        }
    }
    KEEP_LOOP for (int i = 0; i < 8; i++) {
        const V* input[maps];
        unrolled<maps>([&](auto m) INLINED { input[m] = e.h1[table[(map + m) * 8 + i]][0]; });
        const float* w = weights + map * 200 + i * 25;
        unrolled<2 * (first + rows) + 3, 2 * first>([&](auto line) INLINED {
            if constexpr (line >= 2 && line < 10) {
                unrolled<5>([&](auto kx) INLINED {
                    FORGET_LOADS;
                    unrolled<maps * rows>([&](auto k) INLINED {
                        constexpr int m = k / rows, r = k % rows, ky = line - 2 * (first + r);
                        if constexpr (ky >= 0 && ky < 5) {
                            const V tap = all(w[m * 200 + ky * 5 + kx]);
                            unrolled<4>([&](auto x) INLINED {
                                constexpr int column = 2 * x + kx - 2;
                                if constexpr (column >= 0 && column < 8) a[k * 4 + x] += tap * input[m][(line - 2) * 8 + column];
                            });
                        }
                    });
                });
            }
        });
    }
    UNROLL for (int m = 0; m < maps; m++) {
        UNROLL for (int r = 0; r < rows; r++) {
            UNROLL for (int x = 0; x < 4; x++) e.h2[(map + m) * 16 + (first + r) * 4 + x] = activation(a[(m * rows + r) * 4 + x]);
        }
    }
}

template <class Hidden, class Out>
void evaluate(const ForwardBlock& block, const Hidden& hidden, const Out& out, Evaluation& e) {
    const float* h1_weight = block.parameters;
    const float* h1_bias = h1_weight + h1_weights;
    const float* h2_weight = h1_bias + h1_units;
    const float* h2_bias = h2_weight + h2_weights;
    const float* h3_weight = h2_bias + h2_units;
    const float* h3_bias = h3_weight + h3_weights;
    const float* output_weight = h3_bias + h3_units;
    const float* output_bias = output_weight + output_weights;

    for (int map = 0; map < 12; map++) {
        add_border(block.net.border, h1_weight + map * 25, 1, h1_bias + map * 64, e.h1_bias[map]);
        add_border(block.net.map_border, h2_weight + map * 200, 8, h2_bias + map * 16, e.h2_bias[map]);
    }

    for (std::int64_t first = 0; first < block.count; first += lanes) {
        const int digits = block.count - first < lanes ? int(block.count - first) : lanes;
        read_digits(block.inputs + first * input_count, digits, e.input[0]);
        for (int map = 0; map < 12; map += 3)
            for (int y = 0; y < 8; y++) {
                h1_half_row<0>(hidden, h1_weight, map, y, e);
                h1_half_row<1>(hidden, h1_weight, map, y, e);
            }
        for (int map = 0; map < 12; map++) h2_rows<0, 3, 1>(hidden, h2_weight, block.net.table, map, e);
        for (int map = 0; map < 12; map += 3) h2_rows<3, 1, 3>(hidden, h2_weight, block.net.table, map, e);
        for (int unit = 0; unit < h3_units; unit += 10)
            ten_units<h2_units>(hidden, h3_weight + unit * h2_units, h3_bias + unit, e.h2, e.h3 + unit);
        ten_units<h3_units>(out, output_weight, output_bias, e.h3, e.output);
        write_answers(e.output, digits, block.outputs + first * output_units);
    }
}

}  // namespace timetravel::TIMETRAVEL_BUILD
