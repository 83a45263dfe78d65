// The training loop over one block.
#pragma once

#include "layers_backward.h"
#include "layers_forward.h"
#include "steps.h"

namespace timetravel::TIMETRAVEL_BUILD {

// All that one call needs, allocated for that call: calls share nothing.
struct Workspace {
    alignas(64) float weights[at::end] = {};
    alignas(64) float state[2][at::end] = {};
    alignas(64) float gradient[at::end] = {};
    Activity activity;

    explicit Workspace(float border) : activity(border) {}
};

// The loss of one digit; leaves its derivative with respect to the output units' values in `error`.
inline double squared_error(const float* output, const float* target, float* error) {
    double sum = 0;
    for (int u = 0; u < output_units; u++) {
        const float difference = output[u] - target[u];
        error[u] = difference * (2.0f / output_units);
        sum += double(difference) * difference;
    }
    return sum / output_units;
}

// Targets may be soft, and need not add up to one.
inline double cross_entropy(const float* output, const float* target, float* error) {
    float top = output[0], total = 0, weight = 0;
    for (int u = 1; u < output_units; u++) top = output[u] > top ? output[u] : top;
    for (int u = 0; u < output_units; u++) {
        error[u] = expf(output[u] - top);
        total += error[u];
        weight += target[u];
    }
    const double log_total = log(double(total));
    double loss = 0;
    for (int u = 0; u < output_units; u++) {
        loss += target[u] * (log_total - (double(output[u]) - top));
        error[u] = error[u] / total * weight - target[u];
    }
    return loss;
}

template <class Hidden>
class Trainer {
   public:
    Trainer(const TrainBlock& block, const Hidden& hidden, Workspace& work)
        : block(block), hidden(hidden), wiring(block.net.table), work(work) {}

    double run() {
        const int states = block.optimizer == Optimizer::adamw ? 2 : block.optimizer == Optimizer::momentum ? 1 : 0;
        pad(wiring, block.parameters, work.weights);
        for (int s = 0; s < states; s++) pad(wiring, block.state + std::int64_t(s) * parameter_count, work.state[s]);

        const std::int64_t size = block.batch_size;
        double loss = 0;
        for (std::int64_t first = 0, update = 0; first < block.count; first += size, update++) {
            const std::int64_t left = block.count - first, last = left < size ? block.count : first + size;
            const float rate = block.learning_rates[update];
            switch (block.optimizer) {
                case Optimizer::sgd:
                    loss += batch(Descend{work.weights}, first, last, rate);
                    break;
                case Optimizer::momentum:
                    loss += batch(Momentum{work.weights, work.state[0], float(block.momentum), rate}, first, last, 1.0f);
                    break;
                case Optimizer::adamw:
                    loss += batch(AdamW(work.weights, work.state[0], work.state[1], block, rate, block.step + update + 1),
                                  first, last, 1.0f);
                    break;
            }
            if ((block.step + update + 1) % updates_between_sweeps == 0)
                for (int s = 0; s < states; s++) sweep(work.state[s]);
        }

        unpad(wiring, work.weights, block.parameters);
        for (int s = 0; s < states; s++) unpad(wiring, work.state[s], block.state + std::int64_t(s) * parameter_count);
        return finite(block.parameters) ? loss : NAN;
    }

   private:
    // One update; the sum of its digits' losses.
    template <class Step>
    double batch(const Step& step, std::int64_t first, std::int64_t last, float scale) {
        if (block.batch_size == 1) return present(step, first, scale);
        for (int i = 0; i < at::end; i += lanes) store(work.gradient + i, V{});
        double loss = 0;
        for (std::int64_t digit = first; digit < last; digit++)
            loss += present(Gather{work.weights, work.gradient}, digit, scale / float(last - first));
        step_everywhere(step, work.gradient);
        return loss;
    }

    // One digit forward and backward.
    template <class Step>
    double present(const Step& step, std::int64_t digit, float scale) {
        forward(digit);
        const double loss = output_error(block.targets + digit * output_units, scale);
        output_backward(step, work.activity);
        h3_backward(step, work.activity);
        h2_backward(step, wiring, block.net.border, work.activity);
        h1_backward(step, work.activity);
        return loss;
    }

    void forward(std::int64_t digit) {
        Activity& a = work.activity;
        const float* weights = work.weights;
        a.image.set(block.inputs + digit * input_count);
        h1_sums(a.image, weights, a.h1);
        activate(hidden, h1_units, a.h1, a.h1_derivative);
        gather(wiring, a.h1, a.gathered);
        h2_sums(wiring, a.gathered, block.net.border, weights, a.h2);
        activate(hidden, h2_units, a.h2, a.h2_derivative);
        if (block.mask != nullptr) drop(block.mask + digit * h2_units);
        full_sums<32, h2_units>(a.h2, weights + at::h3_weight, weights + at::h3_bias, a.h3);
        activate(hidden, 32, a.h3, a.h3_derivative);
        full_sums<16, 32>(a.h3, weights + at::output_weight, weights + at::output_bias, a.output);
        if (block.net.output == Output::tanh)
            activate(Tanh{block.net.amplitude, block.net.slope}, 16, a.output, a.output_derivative);
        else
            activate(Linear{}, 16, a.output, a.output_derivative);
    }

    // A dropped unit has neither a value nor a derivative.
    void drop(const float* mask) {
        Activity& a = work.activity;
        for (int i = 0; i < h2_units; i += lanes) {
            const V keep = load_unaligned(mask + i);
            store(a.h2 + i, load(a.h2 + i) * keep);
            store(a.h2_derivative + i, load(a.h2_derivative + i) * keep);
        }
    }

    double output_error(const float* target, float scale) {
        Activity& a = work.activity;
        const double loss = block.loss == Loss::squared_error ? squared_error(a.output, target, a.output_error)
                                                              : cross_entropy(a.output, target, a.output_error);
        for (int u = 0; u < output_units; u++) a.output_error[u] *= a.output_derivative[u] * scale;
        for (int u = output_units; u < 16; u++) a.output_error[u] = 0;
        return loss;
    }

    // A step can break the weights after the last loss was taken: the caller must still hear of it.
    static bool finite(const float* parameters) {
        bool all_are = true;
        for (int i = 0; i < parameter_count; i++) all_are &= bool(__builtin_isfinite(parameters[i]));
        return all_are;
    }

    const TrainBlock& block;
    const Hidden hidden;
    const Wiring wiring;
    Workspace& work;
};

}  // namespace timetravel::TIMETRAVEL_BUILD
