// From a stored image of up to 32 pixels a side to the 16x16 that a net reads: as timetravel/digits/prepare.py has it, to the
// rounding of floats. For a finished net that is handed pictures; what trains a net is prepared there.
#pragma once

#include "block.h"

namespace timetravel::TIMETRAVEL_BUILD {

struct Framer {
    static constexpr int target = 16;
    const int side;
    const float deslant, middle;
    int row[target], next[target];
    float step[target], share[target];         // from the middle; of the next row
    float low[target][1 + largest_side + 2];  // with background on either side

    explicit Framer(const FrameBlock& block) : side(block.side), deslant(block.deslant), middle(float(block.side - 1) / 2) {
        for (int i = 0; i < target; i++) {
            const double from_middle = ((i + 0.5) / target - 0.5) * side * block.window, place = from_middle + middle;
            row[i] = int(place);
            next[i] = row[i] + 1 < side ? row[i] + 1 : side - 1;
            step[i] = float(from_middle);
            share[i] = float(place - row[i]);
        }
        for (auto& line : low) line[0] = line[1 + side] = line[2 + side] = -1;
    }

    // How far the ink moves sideways a row: the regression of the column on the row, weighted by the ink.
    float slant(const float* image) const {
        float mass = 0, rows = 0, columns = 0, both = 0, squares = 0;  // about the middle, where float32 is enough
        for (int y = 0; y < side; y++) {
            const float* line = image + y * side;
            float ink = 0, sideways = 0;
            for (int x = 0; x < side; x++) {
                ink += line[x] + 1;
                sideways += (line[x] + 1) * (float(x) - middle);
            }
            const float down = float(y) - middle;
            mass += ink;
            rows += ink * down;
            columns += sideways;
            both += sideways * down;
            squares += ink * down * down;
        }
        const float across = both - rows * columns / mass, along = squares - rows * rows / mass;
        return mass > 0 && along > 2e-6f ? across / along : 0;
    }

    void frame(const float* image, float* to) {
        for (int i = 0; i < target; i++) {
            const float *one = image + row[i] * side, *two = image + next[i] * side;
            for (int x = 0; x < side; x++) low[i][1 + x] = one[x] + share[i] * (two[x] - one[x]);
        }
        const float slope = deslant > 0 ? deslant * slant(image) : 0;
        const float last = float(side + 1);
        for (int i = 0; i < target; i++)
            for (int j = 0; j < target; j++) {
                float place = middle + step[j] + slope * step[i] + 1;  // in a row with its margin
                place = place > 0 ? place : 0;
                place = place < last ? place : last;
                const int column = int(place);
                const float value = low[i][column] + (place - float(column)) * (low[i][column + 1] - low[i][column]);
                to[i * target + j] = value < -1 ? -1 : value > 1 ? 1 : value;
            }
    }
};

}  // namespace timetravel::TIMETRAVEL_BUILD
