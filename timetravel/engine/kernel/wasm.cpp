// Era 1989 for the page: what docs/tools/wasm.py compiles to WebAssembly from the kernel's own layers and steps.
// Only diagonal Newton steps after every digit are compiled, on squared errors; the numbers come from the caller, who lays
// out the memory after this module's own data.
#define TIMETRAVEL_BUILD baseline
#include <algorithm>
#include <iterator>

#include "curvature.h"
#include "forward.h"
#include "lecun1989.h"
#include "train.h"

using namespace timetravel;
using namespace timetravel::baseline;

namespace {
using Model = LeCun1989<Tanh>;
Options options{};
Model model() { return {options.net, Tanh{options.net.amplitude, options.net.slope}}; }
}  // namespace

extern "C" {
// H2's table, uint8 (12, 8), to be filled in.
std::uint8_t* set_options(float border, float map_border, float amplitude, float slope, float loss_scale) {
    options = {{Kind::lecun1989, {}, Activation::tanh, Output::tanh, border, map_border, amplitude, slope},
               Loss::squared_error, Optimizer::diagonal_newton, 1, loss_scale};
    return options.net.table;
}

void estimate(const float* parameters, const float* inputs, int count, float* curvature) {
    static CurvatureWorkspace<Model> work(options.net);
    std::fill(std::begin(work.sum), std::end(work.sum), 0.0F);  // it still holds the last epoch's
    estimate_curvature({options, count, parameters, inputs, curvature}, model(), work);
}

// As Trainer::run does it, for one kind of step.
double train(float* parameters, const float* curvature, const float* inputs, const float* targets, int count, float rate,
             float mu) {
    static Workspace<Model> work(options.net);
    const Model net = model();
    const TrainBlock block{options, 0, count, inputs, targets, nullptr, nullptr, parameters, nullptr};
    Trainer<Model> trainer(block, net, work);
    pad(net, parameters, work.weights);
    set_pace(net, mu, curvature, work.state[0]);
    double loss = 0;
    for (int digit = 0; digit < count; digit++) {
        net.set(work.weights, work.constants);
        loss += trainer.present<1>(Newton{work.weights, work.state[0]}, digit, options.loss_scale * rate);
    }
    unpad(net, work.weights, parameters);
    return loss;
}

void forward(const float* parameters, const float* inputs, int count, float* outputs) {
    static Evaluation work;
    const Tanh tanh{options.net.amplitude, options.net.slope};
    evaluate({options, count, parameters, inputs, outputs}, tanh, tanh, work);
}
}
