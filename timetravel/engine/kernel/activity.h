// What the layers of the net leave behind for one digit: its image, and each unit's value, derivative and error.
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

// Whether a position of H2 reads inside H1's maps with this tap, in one direction.
constexpr bool inside(int position, int tap) { return 2 * position + tap >= 2 && 2 * position + tap < 10; }

struct Activity {
    Image image;
    alignas(64) float h1[h1_units], h1_derivative[h1_units], h1_error[h1_units];
    Gathered gathered[12];
    alignas(64) float h2[h2_units], h2_derivative[h2_units], h2_error[h2_units];
    alignas(64) float h3[32], h3_derivative[32], h3_error[32];
    alignas(64) float output[16], output_derivative[16], output_error[16];
    float map_border;

    // Fills what lies outside the image and the maps: once, for no digit changes it.
    void set_borders(const Net& net) {
        map_border = net.map_border;
        image.fill(net.border);
        for (Gathered& one : gathered)
            for (auto& line : one.position)
                for (auto& position : line)
                    for (float& value : position) value = map_border;
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

INLINE void activate_output(const Net& net, float* value, float* derivative) {
    if (net.output == Output::tanh)
        activate(Tanh{net.amplitude, net.slope}, 16, value, derivative);
    else
        activate(Linear{}, 16, value, derivative);
}

inline void square(int count, const float* from, float* to) {
    KEEP_LOOP for (int i = 0; i < count; i += lanes) {
        const V x = load(from + i);
        store(to + i, x * x);
    }
}

// All that the way back reads of an activity, squared: going back through that is what second derivatives do (curvature.h).
inline void square(const Activity& from, Activity& to) {
    square(sizeof(Image) / 4, from.image.plane[0][0], to.image.plane[0][0]);
    square(h1_units, from.h1_derivative, to.h1_derivative);
    square(sizeof(from.gathered) / 4, from.gathered[0].position[0][0], to.gathered[0].position[0][0]);
    square(h2_units, from.h2, to.h2);
    square(h2_units, from.h2_derivative, to.h2_derivative);
    square(32, from.h3, to.h3);
    square(32, from.h3_derivative, to.h3_derivative);
    square(16, from.output_derivative, to.output_derivative);
    to.map_border = from.map_border * from.map_border;
}

}  // namespace timetravel::TIMETRAVEL_BUILD
