// The 1989 net's rival, 256 inputs, 40 hidden units and 10 outputs: all that sets it apart from the 1989 net.
#pragma once

#include "eight_digits.h"
#include "layers_backward.h"
#include "layers_forward.h"

namespace timetravel::TIMETRAVEL_BUILD {

// Its padded layout. As in net.h, padding holds 0 and stays 0.
namespace full_at {
inline constexpr int h1_weight = 0;                                        // [40][256]
inline constexpr int h1_bias = h1_weight + full_units * input_count;       // [40]
inline constexpr int output_weight = h1_bias + full_units;                 // [16][40]: 10 units and 6 rows of padding
inline constexpr int output_bias = output_weight + 16 * full_units;        // [16]
inline constexpr int end = output_bias + 16;
}  // namespace full_at

struct FullActivity {
    alignas(64) float image[input_count];
    alignas(64) float h1[full_units], h1_derivative[full_units], h1_error[full_units];
    alignas(64) float output[16], output_derivative[16], output_error[16];

    void set_borders(const Net&) {}
};

// As in activity.h.
inline void square(const FullActivity& from, FullActivity& to) {
    square(input_count, from.image, to.image);
    square(full_units, from.h1, to.h1);
    square(full_units, from.h1_derivative, to.h1_derivative);
    square(16, from.output_derivative, to.output_derivative);
}

template <class Hidden>
struct FullyConnected {
    using Activity = FullActivity;
    static constexpr int parameters = full_parameter_count, padded = full_at::end;
    static constexpr int at_once = 1;

    const Net& net;
    const Hidden hidden;

    FullyConnected(const Net& net, const Hidden& hidden) : net(net), hidden(hidden) {}

    struct Constants {};
    void set(const float*, Constants&) const {}

    // There is no H2 for a mask to silence.
    void forward(const float* weights, const Constants&, const float* pixels, const float*, Activity& a) const {
        for (int i = 0; i < input_count; i += lanes) store(a.image + i, load_unaligned(pixels + i));
        full_sums<full_units, input_count>(a.image, weights + full_at::h1_weight, weights + full_at::h1_bias, a.h1);
        activate(hidden, full_units, a.h1, a.h1_derivative);
        full_sums<16, full_units>(a.h1, weights + full_at::output_weight, weights + full_at::output_bias, a.output);
        activate_output(net, a.output, a.output_derivative);
    }

    template <int digits, class Step>
    void backward(const Step step, Activity* activity) const {
        static_assert(digits == 1);
        Activity& a = *activity;
        output_backward<full_at::output_weight, full_at::output_bias, full_units>(step, a.output_error, a.h1,
                                                                                  a.h1_derivative, a.h1_error);
        // Eight vectors of pixels stay in registers; nothing goes back beyond the image.
        KEEP_LOOP for (int i = 0; i < input_count; i += 64) {
            V pixels[8];
            UNROLL for (int k = 0; k < 8; k++) pixels[k] = load(a.image + i + k * 8);
            KEEP_LOOP for (int unit = 0; unit < full_units; unit++) {
                const V error = all(a.h1_error[unit]);
                const int row = full_at::h1_weight + unit * input_count + i;
                UNROLL for (int k = 0; k < 8; k++) step(row + k * 8, pixels[k] * error);
            }
        }
        for (int i = 0; i < full_units; i += lanes) step(full_at::h1_bias + i, load(a.h1_error + i));
    }

    // As each_parameter in net.h. Up to the output units nothing is padded, nor between their ten rows.
    template <class Visit>
    void each_parameter(const Visit& visit) const {
        int flat = 0;
        for (int i = 0; i < full_at::output_weight + output_units * full_units; i++) visit(flat++, i);
        for (int unit = 0; unit < output_units; unit++) visit(flat++, full_at::output_bias + unit);
    }
};

struct FullEvaluation {
    V input[input_count], h1[full_units], output[output_units];
};

template <class Hidden, class Out>
void evaluate(const ForwardBlock& block, const Hidden& hidden, const Out& out, FullEvaluation& e) {
    const float* h1_weight = block.parameters;
    const float* h1_bias = h1_weight + full_units * input_count;
    const float* output_weight = h1_bias + full_units;
    const float* output_bias = output_weight + output_units * full_units;
    for (std::int64_t first = 0; first < block.count; first += lanes) {
        const int digits = block.count - first < lanes ? int(block.count - first) : lanes;
        read_digits(block.inputs + first * input_count, digits, e.input);
        for (int unit = 0; unit < full_units; unit += 10)
            ten_units<input_count>(hidden, h1_weight + unit * input_count, h1_bias + unit, e.input, e.h1 + unit);
        ten_units<full_units>(out, output_weight, output_bias, e.h1, e.output);
        write_answers(e.output, digits, block.outputs + first * output_units);
    }
}

}  // namespace timetravel::TIMETRAVEL_BUILD
