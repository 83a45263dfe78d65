// Second derivatives, back-propagated: the positive part of the Hessian's diagonal, as timetravel/nets/curvature.py has it.
// The rule is back-propagation with every weight, input and slope squared. So the layers' own code goes back, through a
// squared copy of what the way forward left behind.
#pragma once

#include "activity.h"
#include "loss.h"
#include "steps.h"

namespace timetravel::TIMETRAVEL_BUILD {

template <class Model>
struct CurvatureWorkspace {
    alignas(64) float weights[Model::padded] = {};
    alignas(64) float squared_weights[Model::padded] = {};
    alignas(64) float sum[Model::padded] = {};
    typename Model::Activity activity, squares;
    typename Model::Constants constants;

    explicit CurvatureWorkspace(const Net& net) {
        activity.set_borders(net);
        squares.set_borders(net);
    }
};

template <class Model>
void estimate_curvature(const CurvatureBlock& block, const Model& model, CurvatureWorkspace<Model>& work) {
    pad(model, block.parameters, work.weights);
    square(Model::padded, work.weights, work.squared_weights);
    model.set(work.weights, work.constants);
    const float share = block.loss_scale / float(block.count);
    auto& squares = work.squares;
    for (std::int64_t digit = 0; digit < block.count; digit++) {
        model.forward(work.weights, work.constants, block.inputs + digit * input_count, nullptr, work.activity);
        square(work.activity, squares);
        second_derivatives(block.loss, work.activity.output, squares.output_error);
        for (int u = 0; u < output_units; u++) squares.output_error[u] *= squares.output_derivative[u] * share;
        for (int u = output_units; u < 16; u++) squares.output_error[u] = 0;
        model.template backward<1>(Gather{work.squared_weights, work.sum}, &squares);
    }
    unpad(model, work.sum, block.curvature);
}

}  // namespace timetravel::TIMETRAVEL_BUILD
