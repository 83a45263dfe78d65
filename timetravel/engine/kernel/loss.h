// The losses of one digit, with what they send back from the output units' values.
#pragma once

#include <math.h>

#include "block.h"

namespace timetravel::TIMETRAVEL_BUILD {

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

// The loss's second derivatives with respect to the output units' values, without the mixed ones.
inline void second_derivatives(Loss loss, const float* output, float* second) {
    if (loss == Loss::squared_error) {
        for (int u = 0; u < output_units; u++) second[u] = 2.0f / output_units;
        return;
    }
    // p (1 - p), in double: 1 - p would lose its digits where the net is sure.
    double top = output[0], likely[output_units], total = 0;
    for (int u = 1; u < output_units; u++) top = output[u] > top ? output[u] : top;
    for (int u = 0; u < output_units; u++) total += likely[u] = exp(output[u] - top);
    for (int u = 0; u < output_units; u++) second[u] = float(likely[u] / total * (1 - likely[u] / total));
}

}  // namespace timetravel::TIMETRAVEL_BUILD
