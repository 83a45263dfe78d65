// The 1989 net as the training loop sees it: one digit forward, one backward, and where its parameters are.
#pragma once

#include "layers_backward.h"
#include "layers_forward.h"

namespace timetravel::TIMETRAVEL_BUILD {

template <class Hidden>
struct LeCun1989 {
    using Activity = timetravel::TIMETRAVEL_BUILD::Activity;
    static constexpr int parameters = parameter_count, padded = at::end;
    static constexpr int at_once = 4;  // digits of a mini-batch; more would not stay in the processor's first cache

    const Net& net;
    const Hidden hidden;
    const Wiring wiring;

    LeCun1989(const Net& net, const Hidden& hidden) : net(net), hidden(hidden), wiring(net.table) {}

    // What depends on the weights alone: computed once for all digits that they are shown.
    using Constants = Borders;
    void set(const float* weights, Constants& borders) const { borders.set(net.map_border, weights); }

    void forward(const float* weights, const Constants& borders, const float* pixels, const float* mask, Activity& a) const {
        a.image.set(pixels);
        h1_sums(a.image, weights, a.h1);
        activate(hidden, h1_units, a.h1, a.h1_derivative);
        gather(wiring, a.h1, a.gathered);
        h2_sums(wiring, a.gathered, borders, weights, a.h2);
        activate(hidden, h2_units, a.h2, a.h2_derivative);
        if (mask != nullptr) drop(mask, a);
        full_sums<32, h2_units>(a.h2, weights + at::h3_weight, weights + at::h3_bias, a.h3);
        activate(hidden, 32, a.h3, a.h3_derivative);
        full_sums<16, 32>(a.h3, weights + at::output_weight, weights + at::output_bias, a.output);
        activate_output(net, a.output, a.output_derivative);
    }

    // From the errors of the output units on.
    template <int digits, class Step>
    void backward(const Step step, Activity* a) const {
        for (int d = 0; d < digits; d++)
            output_backward<at::output_weight, at::output_bias, 32>(step, a[d].output_error, a[d].h3, a[d].h3_derivative,
                                                                    a[d].h3_error);
        h3_backward<digits>(step, a);
        h2_backward<digits>(step, wiring, a);
        h1_backward<digits>(step, a);
    }

    template <class Visit>
    void each_parameter(const Visit& visit) const {
        timetravel::TIMETRAVEL_BUILD::each_parameter(wiring, visit);
    }

   private:
    // A dropped unit has neither a value nor a derivative.
    static void drop(const float* mask, Activity& a) {
        for (int i = 0; i < h2_units; i += lanes) {
            const V keep = load_unaligned(mask + i);
            store(a.h2 + i, load(a.h2 + i) * keep);
            store(a.h2_derivative + i, load(a.h2_derivative + i) * keep);
        }
    }
};

}  // namespace timetravel::TIMETRAVEL_BUILD
