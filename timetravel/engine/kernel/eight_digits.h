// What the nets' batched forward passes share: eight digits at a time, a digit a lane, so that nothing is ever summed
// across lanes.
#pragma once

#include "activations.h"
#include "block.h"

namespace timetravel::TIMETRAVEL_BUILD {

// Up to eight images; the last one fills the lanes that are left over.
inline void read_digits(const float* inputs, int digits, V* input) {
    for (int pixel = 0; pixel < input_count; pixel += 8) {
        V a[8];
        for (int d = 0; d < 8; d++) a[d] = load_unaligned(inputs + (d < digits ? d : digits - 1) * input_count + pixel);
        transpose(a);
        for (int i = 0; i < 8; i++) input[pixel + i] = a[i];
    }
}

inline void write_answers(const V* output, int digits, float* outputs) {
    float answers[output_units][lanes];
    for (int u = 0; u < output_units; u++) store_unaligned(answers[u], output[u]);
    for (int d = 0; d < digits; d++)
        for (int u = 0; u < output_units; u++) outputs[d * output_units + u] = answers[u][d];
}

// Ten fully connected units: 10 accumulators.
template <int width, class Activation>
INLINE void ten_units(const Activation& activation, const float* weights, const float* bias, const V* input, V* output) {
    V a[10];
    UNROLL for (int u = 0; u < 10; u++) a[u] = all(bias[u]);
    KEEP_LOOP for (int i = 0; i < width; i++) {
        const V x = input[i];
        UNROLL for (int u = 0; u < 10; u++) a[u] += x * weights[u * width + i];
    }
    UNROLL for (int u = 0; u < 10; u++) output[u] = activation(a[u]);
}

}  // namespace timetravel::TIMETRAVEL_BUILD
