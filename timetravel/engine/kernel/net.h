// The net as the training loop sees it: parameters padded to whole vectors, and H2's wiring.
#pragma once

#include "block.h"
#include "lanes.h"

namespace timetravel::TIMETRAVEL_BUILD {

// Where each layer's numbers start in a padded buffer. Weights, gradients and the optimizer's state share this layout.
// Padding lanes hold 0 and stay 0: their units' values and errors are 0, and no optimizer moves a 0 with a gradient of 0.
namespace at {
inline constexpr int h1_weight = 0;                            // [25 taps][16]: 12 maps and 4 lanes of padding
inline constexpr int h1_bias = h1_weight + 25 * 16;            // [12 maps][8][8]
inline constexpr int h2_weight = h1_bias + h1_units;           // [12 maps][25 taps][8 inputs]
inline constexpr int h2_bias = h2_weight + h2_weights;         // [12 maps][4][4]
inline constexpr int h3_weight = h2_bias + h2_units;           // [32][192]: 30 units and 2 rows of padding
inline constexpr int h3_bias = h3_weight + 32 * h2_units;      // [32]
inline constexpr int output_weight = h3_bias + 32;             // [16][32]: 10 rows of 30
inline constexpr int output_bias = output_weight + 16 * 32;    // [16]
inline constexpr int end = output_bias + 16;
}  // namespace at

// H2's connections. Maps that read the same eight H1 maps, in whatever order, form a group and share one gathered copy of
// their input. The table of the 2022 essay has 3 groups of 4 maps; a random one has about 12 groups of one.
struct Wiring {
    int groups = 0;
    int inputs[12][8];   // [group][lane]: the H1 map in this lane
    int members[12][12]; // [group]: the H2 maps in it
    int size[12] = {};   // [group]: how many
    int group[12];       // [H2 map]
    int lane[12][8];     // [H2 map][place in its row of the table]: the lane its input is gathered in

    explicit Wiring(const std::uint8_t* table) {
        unsigned sets[12];
        for (int map = 0; map < 12; map++) {
            const std::uint8_t* row = table + map * 8;
            unsigned set = 0;
            for (int i = 0; i < 8; i++) set |= 1u << row[i];
            int g = 0;
            while (g < groups && sets[g] != set) g++;
            if (g == groups) {
                sets[groups++] = set;
                for (int i = 0; i < 8; i++) inputs[g][i] = row[i];
            }
            group[map] = g;
            members[g][size[g]++] = map;
            for (int i = 0; i < 8; i++)
                for (int l = 0; l < 8; l++)
                    if (inputs[g][l] == row[i]) lane[map][i] = l;
        }
    }
};

// Calls visit(index in the flat order of the nn.Module, index in the padded layout) for all 9,760 parameters.
template <class Visit>
inline void each_parameter(const Wiring& wiring, Visit visit) {
    int flat = 0;
    for (int map = 0; map < 12; map++)
        for (int tap = 0; tap < 25; tap++) visit(flat++, at::h1_weight + tap * 16 + map);
    for (int i = 0; i < h1_units; i++) visit(flat++, at::h1_bias + i);
    for (int map = 0; map < 12; map++)
        for (int i = 0; i < 8; i++)
            for (int tap = 0; tap < 25; tap++) visit(flat++, at::h2_weight + (map * 25 + tap) * 8 + wiring.lane[map][i]);
    for (int i = 0; i < h2_units; i++) visit(flat++, at::h2_bias + i);
    for (int i = 0; i < h3_weights; i++) visit(flat++, at::h3_weight + i);
    for (int i = 0; i < h3_units; i++) visit(flat++, at::h3_bias + i);
    for (int unit = 0; unit < output_units; unit++)
        for (int i = 0; i < h3_units; i++) visit(flat++, at::output_weight + unit * 32 + i);
    for (int unit = 0; unit < output_units; unit++) visit(flat++, at::output_bias + unit);
}

template <class Model>
inline void pad(const Model& model, const float* flat, float* padded) {
    model.each_parameter([&](int from, int to) { padded[to] = flat[from]; });
}

template <class Model>
inline void unpad(const Model& model, const float* padded, float* flat) {
    model.each_parameter([&](int to, int from) { flat[to] = padded[from]; });
}

}  // namespace timetravel::TIMETRAVEL_BUILD
