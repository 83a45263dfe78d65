// What to do with eight finished gradients: a step is called as step(index in the padded layout, gradients). Its `weights`
// are those that the layers read.
// With a batch of one digit the layers call the optimizer's step themselves, while the weights are still in a register;
// with larger batches they call Gather, and the optimizer's step then runs over the gathered buffer.
//
// The errors are scaled once, at the output units, and every gradient inherits that scale: the learning rate for plain
// descent, one over the batch for the others. So no step needs to scale anything that the first layer up did not.
#pragma once

#include <math.h>

#include "net.h"

namespace timetravel::TIMETRAVEL_BUILD {

struct Gather {
    float *weights, *gradient;
    INLINE void operator()(int i, V g) const { store(gradient + i, load(gradient + i) + g); }
};

// The learning rate is already in the gradient.
struct Descend {
    float* weights;
    INLINE void operator()(int i, V g) const { store(weights + i, load(weights + i) - g); }
};

// DiagonalNewton of timetravel/engine/optimizers.py: each weight at its own pace. The learning rate is in the gradient.
struct Newton {
    float* weights;
    const float* pace;
    INLINE void operator()(int i, V g) const { store(weights + i, load(weights + i) - g * load(pace + i)); }
};

// 1 / (mu + curvature) of every parameter, which a block computes once; 0 in the padding, whose gradients are 0 as well.
// A curvature that is not finite gives NaN, so that it ends as a diverged run and not as a weight that stands still.
template <class Model>
inline void set_pace(const Model& model, float mu, const float* curvature, float* pace) {
    model.each_parameter([&](int from, int to) {
        const float h = curvature[from];
        pace[to] = 1 / (mu + h + (h - h));
    });
}

// torch.optim.SGD's momentum.
struct Momentum {
    float *weights, *velocity;
    float momentum, learning_rate;
    INLINE void operator()(int i, V g) const {
        const V v = load(velocity + i) * momentum + g;
        store(velocity + i, v);
        store(weights + i, load(weights + i) - v * learning_rate);
    }
};

// torch.optim.AdamW. Its two averages are kept as sums: their factors, 1 - beta, the corrections of their early bias and the
// learning rate are the same for all weights, and go into the step's own constants.
struct AdamW {
    float *weights, *first, *second;
    float beta1, beta2, spread, epsilon, keep;

    AdamW(float* weights, float* first, float* second, const TrainBlock& block, double learning_rate, std::int64_t step)
        : weights(weights), first(first), second(second), beta1(float(block.beta1)), beta2(float(block.beta2)) {
        double rate = learning_rate * (1 - block.beta1) / (1 - pow(block.beta1, double(step)));
        if (rate < 1e-18) rate = 1e-18;  // which moves nothing either, and can be divided by
        spread = float(sqrt((1 - block.beta2) / (1 - pow(block.beta2, double(step)))) / rate);
        epsilon = float(block.epsilon / rate);
        keep = float(1 - learning_rate * block.weight_decay);
    }

    INLINE void operator()(int i, V g) const {
        const V m = load(first + i) * beta1 + g, v = load(second + i) * beta2 + g * g;
        store(first + i, m);
        store(second + i, v);
        store(weights + i, load(weights + i) * keep - m * reciprocal(square_root(v) * spread + epsilon));
    }
};

template <class Step>
inline void step_everywhere(const Step step, int padded, const float* gradient) {
    for (int i = 0; i < padded; i += lanes) step(i, load(gradient + i));
}

// A unit that has died gets gradients of exactly 0, and its running averages fade into denormal numbers, which make many
// processors many times slower. What can no longer move a weight becomes 0, often enough that 0.9 to the power of the
// updates in between does not get from here to the denormals.
inline constexpr int updates_between_sweeps = 64;
inline void sweep(int padded, float* averages) {
    const float trace = 1e-35f;
    for (int i = 0; i < padded; i += lanes) {
        const V average = load(averages + i);
        store(averages + i, where_below(larger(average, -average), trace, V{}, average));
    }
}

}  // namespace timetravel::TIMETRAVEL_BUILD
