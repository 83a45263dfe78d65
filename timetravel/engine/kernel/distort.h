// How training images are changed before a net sees them: rolled, bent and mixed, by what Python has drawn. As
// timetravel/engine/augment.py has it, to the rounding of floats. The plain loops are such that compilers make vectors of them.
#pragma once

#include <string.h>

#include "block.h"
#include "lanes.h"

namespace timetravel::TIMETRAVEL_BUILD {

struct Distorter {
    static constexpr int side = 16, margin = 1, stride = 20;  // of the image inside a margin that is wide enough for any tap
    static constexpr float background = -1, middle = 7.5f;

    float twice[side][2 * side];
    alignas(64) float above_background[(side + 3) * stride] = {};
    alignas(64) float along[most_nodes][side];  // each row of nodes, spread over the columns
    alignas(64) float y[input_count], x[input_count], down[input_count], right[input_count];
    alignas(64) std::int32_t at[input_count];
    alignas(64) float upper[input_count][2], lower[input_count][2];

    // What a pixel shows lay `offset` below and to the right, cyclically.
    void roll(const float* from, const std::int64_t* offset, float* to) {
        const int first_row = int(offset[0] & 15), first_column = int(offset[1] & 15);
        for (int row = 0; row < side; row++) {
            memcpy(twice[row], from + row * side, side * sizeof(float));
            memcpy(twice[row] + side, from + row * side, side * sizeof(float));
        }
        for (int row = 0; row < side; row++)
            memcpy(to + row * side, twice[(row + first_row) & 15] + first_column, side * sizeof(float));
    }

    // Where each pixel is taken from along one axis: an affine map, and displacements between coarse nodes.
    // Four rows at a time: 8 accumulators.
    void place(const float* map, const float* nodes, const DistortBlock& block, float* to) {
        static constexpr float columns[side] = {-7.5f, -6.5f, -5.5f, -4.5f, -3.5f, -2.5f, -1.5f, -0.5f,
                                                0.5f,  1.5f,  2.5f,  3.5f,  4.5f,  5.5f,  6.5f,  7.5f};
        const V slope[2] = {load_unaligned(columns) * map[1], load_unaligned(columns + 8) * map[1]};
        const std::int64_t count = nodes == nullptr ? 0 : block.node_rows;
        for (std::int64_t n = 0; n < count; n++) {
            V sum[2] = {};
            for (std::int64_t b = 0; b < count; b++)
                UNROLL for (int h = 0; h < 2; h++) sum[h] += load_unaligned(block.splines + b * side + h * 8) * nodes[n * count + b];
            UNROLL for (int h = 0; h < 2; h++) store(along[n] + h * 8, sum[h]);
        }
        KEEP_LOOP for (int row = 0; row < side; row += 4) {
            V sum[8];
            UNROLL for (int r = 0; r < 8; r++) sum[r] = slope[r % 2] + (map[0] * (float(row + r / 2) - middle) + map[2]);
            KEEP_LOOP for (std::int64_t n = 0; n < count; n++) {
                const V left = load(along[n]), right = load(along[n] + 8);
                UNROLL for (int r = 0; r < 8; r++) sum[r] += (r % 2 ? right : left) * block.splines[n * side + row + r / 2];
            }
            UNROLL for (int r = 0; r < 8; r++) store(to + row * side + r * 8, sum[r]);
        }
    }

    // Takes every pixel from its place, between pixels bilinearly; outside is background.
    void warp(const float* from, float* to) {
        for (int row = 0; row < side; row++)
            for (int column = 0; column < side; column++)
                above_background[(row + margin) * stride + column + margin] = from[row * side + column] - background;
        for (int p = 0; p < input_count; p++) {
            // In the margin all is background. A place that is no number counts as outside too.
            float row = y[p] + margin, column = x[p] + margin;
            row = row > 0 ? row : 0;
            row = row < side + 1 ? row : side + 1;
            column = column > 0 ? column : 0;
            column = column < side + 1 ? column : side + 1;
            const float whole_row = float(std::int32_t(row)), whole_column = float(std::int32_t(column));
            at[p] = std::int32_t(whole_row * stride + whole_column);
            down[p] = row - whole_row;
            right[p] = column - whole_column;
        }
        for (int p = 0; p < input_count; p++) {
            memcpy(upper[p], above_background + at[p], sizeof upper[p]);
            memcpy(lower[p], above_background + at[p] + stride, sizeof lower[p]);
        }
        for (int p = 0; p < input_count; p++) {
            const float top = upper[p][0] + right[p] * (upper[p][1] - upper[p][0]);
            const float bottom = lower[p][0] + right[p] * (lower[p][1] - lower[p][0]);
            to[p] = top + down[p] * (bottom - top) + background;
        }
    }
};

inline void distort(const DistortBlock& block, Distorter& work) {
    static constexpr float same[6] = {1, 0, Distorter::middle, 0, 1, Distorter::middle};
    for (std::int64_t i = 0; i < block.count; i++) {
        const float* from = block.images + block.rows[i] * input_count;
        if (i + 2 < block.count)  // shuffled digits lie anywhere in memory
            for (int p = 0; p < input_count; p += 16) __builtin_prefetch(block.images + block.rows[i + 2] * input_count + p);
        float* to = block.outputs + i * input_count;
        const bool warped = block.maps != nullptr || block.nodes != nullptr;
        if (block.offsets != nullptr) {
            work.roll(from, block.offsets + i * 2, to);
            from = to;
        } else if (!warped) {
            memcpy(to, from, input_count * sizeof(float));
        }
        if (!warped) continue;
        const float* map = block.maps != nullptr ? block.maps + i * 6 : same;
        const std::int64_t size = block.node_rows * block.node_rows;
        const float* nodes = block.nodes != nullptr ? block.nodes + i * 2 * size : nullptr;
        work.place(map, nodes, block, work.y);
        work.place(map + 3, nodes != nullptr ? nodes + size : nullptr, block, work.x);
        work.warp(from, to);
    }
}

// Each image, and its share, with its partner, and the rest.
inline void mix(const MixBlock& block) {
    for (std::int64_t i = 0; i < block.count; i++) {
        const float *one = block.images + i * input_count, *two = block.images + block.partners[i] * input_count;
        const float share = block.shares[i], rest = 1 - share;
        float* to = block.outputs + i * input_count;
        for (int p = 0; p < input_count; p++) to[p] = share * one[p] + rest * two[p];
    }
}

}  // namespace timetravel::TIMETRAVEL_BUILD
