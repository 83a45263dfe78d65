// The training loop over one block.
#pragma once

#include "loss.h"
#include "steps.h"

namespace timetravel::TIMETRAVEL_BUILD {

// All that one call needs, allocated for that call: calls share nothing.
template <class Model>
struct Workspace {
    alignas(64) float weights[Model::padded] = {};
    alignas(64) float state[2][Model::padded] = {};
    alignas(64) float gradient[Model::padded] = {};
    alignas(64) float before[Model::padded] = {};  // the weights while a gradient is taken elsewhere
    typename Model::Activity activity[Model::at_once];
    typename Model::Constants constants;

    explicit Workspace(const Net& net) {
        for (auto& one : activity) one.set_borders(net);
    }
};

template <class Model>
class Trainer {
   public:
    Trainer(const TrainBlock& block, const Model& model, Workspace<Model>& work) : block(block), model(model), work(work) {}

    double run() {
        // Averages change with every update; a curvature stays what it is, and only the paces that follow from it are needed.
        const bool newton = block.optimizer == Optimizer::diagonal_newton;
        const int averages = newton ? 0 : state_rows(block.optimizer);
        float* pace = work.state[0];
        pad(model, block.parameters, work.weights);
        for (int s = 0; s < averages; s++) pad(model, block.state + s * Model::parameters, work.state[s]);
        if (newton) set_pace(model, float(block.mu), block.state, pace);

        const std::int64_t size = block.batch_size;
        const float scale = block.loss_scale;
        double loss = 0;
        for (std::int64_t first = 0, update = 0; first < block.count; first += size, update++) {
            const std::int64_t left = block.count - first, last = left < size ? block.count : first + size;
            const float rate = block.learning_rates[update];
            switch (block.optimizer) {
                case Optimizer::sgd:
                    loss += batch(Descend{work.weights}, first, last, scale * rate);
                    break;
                case Optimizer::diagonal_newton:
                    loss += batch(Newton{work.weights, pace}, first, last, scale * rate);
                    break;
                case Optimizer::momentum:
                    loss += batch(Momentum{work.weights, work.state[0], float(block.momentum), rate}, first, last, scale);
                    break;
                case Optimizer::adamw:
                    loss += batch(AdamW(work.weights, work.state[0], work.state[1], block, rate, block.step + update + 1),
                                  first, last, scale);
                    break;
            }
            if ((block.step + update + 1) % updates_between_sweeps == 0)
                for (int s = 0; s < averages; s++) sweep(Model::padded, work.state[s]);
        }

        unpad(model, work.weights, block.parameters);
        for (int s = 0; s < averages; s++) unpad(model, work.state[s], block.state + s * Model::parameters);
        return finite(block.parameters) ? loss : NAN;
    }

    // Some digits forward and backward; the sum of their losses.
    template <int digits, class Step>
    double present(const Step step, std::int64_t first, float scale) {
        double loss = 0;
        for (int d = 0; d < digits; d++) {
            const std::int64_t digit = first + d;
            auto& activity = work.activity[d];
            const float* mask = block.mask == nullptr ? nullptr : block.mask + digit * h2_units;
            model.forward(work.weights, work.constants, block.inputs + digit * input_count, mask, activity);
            loss += output_error(block.targets + digit * output_units, scale, activity);
        }
        model.template backward<digits>(step, work.activity);
        return loss;
    }

   private:
    // One update; the sum of its digits' losses.
    template <class Step>
    double batch(const Step step, std::int64_t first, std::int64_t last, float scale) {
        if (block.batch_size == 1 && block.sharpness == 0) {
            model.set(work.weights, work.constants);
            return present<1>(step, first, scale);
        }
        const double loss = gather(first, last, scale);
        if (block.sharpness > 0) {
            climb(float(block.sharpness));
            gather(first, last, scale);
            for (int i = 0; i < Model::padded; i += lanes) store(work.weights + i, load(work.before + i));
        }
        step_everywhere(step, Model::padded, work.gradient);
        return loss;
    }

    // Leaves the gradient of some digits; the sum of their losses.
    double gather(std::int64_t first, std::int64_t last, float scale) {
        for (int i = 0; i < Model::padded; i += lanes) store(work.gradient + i, V{});
        model.set(work.weights, work.constants);
        double loss = 0;
        const Gather step{work.weights, work.gradient};
        const float share = scale / float(last - first);
        std::int64_t digit = first;
        for (; digit + Model::at_once <= last; digit += Model::at_once)
            loss += present<Model::at_once>(step, digit, share);
        for (; digit < last; digit++) loss += present<1>(step, digit, share);
        return loss;
    }

    // Moves the weights by `radius` along the gradient, to where sharpness-aware minimization takes its gradient from, and
    // keeps what they were.
    void climb(float radius) {
        double square = 0;
        for (int i = 0; i < Model::padded; i++) square += double(work.gradient[i]) * work.gradient[i];
        const float share = square > 0 ? float(radius / sqrt(square)) : 0;
        for (int i = 0; i < Model::padded; i += lanes) {
            const V w = load(work.weights + i);
            store(work.before + i, w);
            store(work.weights + i, w + load(work.gradient + i) * share);
        }
    }

    double output_error(const float* target, float scale, typename Model::Activity& a) {
        const double loss = block.loss == Loss::squared_error ? squared_error(a.output, target, a.output_error)
                                                              : cross_entropy(a.output, target, a.output_error);
        for (int u = 0; u < output_units; u++) a.output_error[u] *= a.output_derivative[u] * scale;
        for (int u = output_units; u < 16; u++) a.output_error[u] = 0;
        return loss;
    }

    // A step can break the weights after the last loss was taken: the caller must still hear of it.
    static bool finite(const float* parameters) {
        bool all_are = true;
        for (int i = 0; i < Model::parameters; i++) all_are &= bool(__builtin_isfinite(parameters[i]));
        return all_are;
    }

    const TrainBlock& block;
    const Model& model;
    Workspace<Model>& work;
};

}  // namespace timetravel::TIMETRAVEL_BUILD
