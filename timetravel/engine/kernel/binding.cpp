// The Python module: checks everything a call hands over, then runs it without the interpreter's lock.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "arrays.h"
#include "block.h"

namespace timetravel {
namespace {

using namespace nb::literals;

template <class Choice>
Choice choose(const char* argument, const std::string& given, std::initializer_list<std::pair<const char*, Choice>> choices) {
    std::string allowed;
    for (const auto& [name, choice] : choices) {
        if (given == name) return choice;
        allowed += (allowed.empty() ? "'" : ", '") + std::string(name) + "'";
    }
    refuse(argument, "'" + given + "'", "one of " + allowed);
}

// Checks the number as the float32 that the kernel will use.
void require(const char* argument, double given, bool allowed, const char* rule) {
    if (!std::isfinite(float(given)) || !allowed) {
        const std::string text = nb::cast<std::string>(nb::repr(nb::float_(given)));
        refuse(argument, text, std::string("finite") + (*rule ? " and " : "") + rule);
    }
}

void require_whole(const char* argument, std::int64_t given, std::int64_t least) {
    if (given < least) refuse(argument, std::to_string(given), "at least " + std::to_string(least));
}

void check_table(const Array<std::uint8_t>& table) {
    table.require_shape({12, 8}, "8 of the 12 H1 maps for each of the 12 H2 maps");
    for (int map = 0; map < 12; map++) {
        unsigned seen = 0;
        for (int i = 0; i < 8; i++) {
            const unsigned input = table.data()[map * 8 + i];
            const std::string where = "table's row " + std::to_string(map);
            if (input >= 12) refuse(where, "reading map " + std::to_string(input), "8 different numbers from 0 to 11");
            if (seen >> input & 1)
                refuse(where, "reading map " + std::to_string(input) + " twice", "8 different numbers from 0 to 11");
            seen |= 1u << input;
        }
    }
}

// Holds the table in `table`, if the net has one.
Net read_net(const std::string& kind, nb::handle table_, std::optional<Array<std::uint8_t>>& table,
             const std::string& activation, const std::string& output, double border, double map_border,
             double amplitude, double slope) {
    Net net{};
    net.kind = choose<Kind>("net", kind,
                            {{"lecun1989", Kind::lecun1989}, {"fully-connected", Kind::fully_connected}});
    if (net.kind == Kind::lecun1989) {
        check_table(table.emplace("table", table_, false));
        net.table = table->data();
    }
    require("border", border, true, "");
    require("map_border", map_border, true, "");
    require("amplitude", amplitude, float(amplitude) > 0, "above 0");
    require("slope", slope, float(slope) > 0, "above 0");
    net.activation = choose<Activation>("activation", activation,
                                        {{"tanh", Activation::tanh},
                                         {"relu", Activation::relu},
                                         {"gelu", Activation::gelu},
                                         {"silu", Activation::silu}});
    net.output = choose<Output>("output", output, {{"tanh", Output::tanh}, {"linear", Output::linear}});
    net.border = float(border);
    net.map_border = float(map_border);
    net.amplitude = float(amplitude);
    net.slope = float(slope);
    return net;
}

Loss read_loss(const std::string& given, const Net& net) {
    const Loss loss = choose<Loss>("loss", given,
                                   {{"squared-error", Loss::squared_error}, {"cross-entropy", Loss::cross_entropy}});
    if (loss == Loss::cross_entropy && net.output != Output::linear)
        refuse("output", "'tanh'", "'linear' with the loss 'cross-entropy'");
    return loss;
}

const Kernel& pick_kernel() {
#ifdef TIMETRAVEL_HAS_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kernel;
#endif
    return baseline::kernel;
}

double train_block(nb::handle parameters_, nb::handle state_, nb::handle inputs_, nb::handle targets_,
                   nb::handle mask_, nb::handle table_, nb::handle learning_rates_,
                   const std::string& net, const std::string& activation, const std::string& output,
                   const std::string& loss, const std::string& optimizer, std::int64_t batch_size, double border, double map_border, double amplitude,
                   double slope, double loss_scale, double momentum, double beta1, double beta2, double epsilon,
                   double weight_decay, double mu, double sharpness, std::int64_t step) {
    const Array<float> parameters("parameters", parameters_, true), state("state", state_, true);
    const Array<float> inputs("inputs", inputs_, false), targets("targets", targets_, false);
    const Array<float> learning_rates("learning_rates", learning_rates_, false);
    std::optional<Array<std::uint8_t>> table;
    std::optional<Array<float>> mask;
    if (!mask_.is_none()) mask.emplace("mask", mask_, false);

    TrainBlock block{};
    block.net = read_net(net, table_, table, activation, output, border, map_border, amplitude, slope);
    if (mask && block.net.kind == Kind::fully_connected)
        refuse("mask", "given", "None with the net 'fully-connected', which has no H2");
    block.loss = read_loss(loss, block.net);
    block.optimizer = choose<Optimizer>("optimizer", optimizer,
                                        {{"sgd", Optimizer::sgd},
                                         {"momentum", Optimizer::momentum},
                                         {"adamw", Optimizer::adamw},
                                         {"diagonal-newton", Optimizer::diagonal_newton}});
    require("loss_scale", loss_scale, true, "");
    require_whole("batch_size", batch_size, 1);
    require_whole("step", step, 0);
    require("momentum", momentum, momentum >= 0, "at least 0");
    require("beta1", beta1, beta1 >= 0 && beta1 < 1, "from 0 to below 1");
    require("beta2", beta2, beta2 >= 0 && beta2 < 1, "from 0 to below 1");
    require("epsilon", epsilon, float(epsilon) > 0, "above 0");
    require("weight_decay", weight_decay, weight_decay >= 0, "at least 0");
    require("mu", mu, float(mu) > 0, "above 0");
    require("sharpness", sharpness, sharpness >= 0, "at least 0");

    const std::int64_t n = inputs.rows(), updates = n / batch_size + (n % batch_size != 0);
    parameters.require_shape({parameters_of(block.net)}, "the parameters of the net in one row");
    state.require_shape({state_rows(block.optimizer), parameters_of(block.net)}, "the rows that this optimizer keeps");
    inputs.require_shape({n, 16, 16}, "n images");
    targets.require_shape({n, output_units}, "a target for each output unit and image");
    if (mask) mask->require_shape({n, h2_units}, "a factor for each H2 unit and image");
    learning_rates.require_shape({updates}, "a rate for each update");
    for (std::int64_t i = 0; i < updates; i++)
        if (!std::isfinite(learning_rates.data()[i]) || learning_rates.data()[i] < 0)
            refuse("learning_rates[" + std::to_string(i) + "]", std::to_string(learning_rates.data()[i]),
                   "finite and at least 0");
    for (const Array<float>* written : {&parameters, &state}) {
        for (const Array<float>* read : {&inputs, &targets, &learning_rates}) refuse_overlap(*written, *read);
        if (table) refuse_overlap(*written, *table);
        if (mask) refuse_overlap(*written, *mask);
    }
    refuse_overlap(parameters, state);
    if (n == 0) return 0;

    block.loss_scale = float(loss_scale);
    block.momentum = momentum;
    block.beta1 = beta1;
    block.beta2 = beta2;
    block.epsilon = epsilon;
    block.weight_decay = weight_decay;
    block.mu = mu;
    block.sharpness = sharpness;
    block.step = step;
    block.count = n;
    block.batch_size = batch_size;
    block.inputs = inputs.data();
    block.targets = targets.data();
    block.mask = mask ? mask->data() : nullptr;
    block.learning_rates = learning_rates.data();
    block.parameters = parameters.data();
    block.state = state.data();
    const nb::gil_scoped_release unlocked;
    return pick_kernel().train(block);
}

void forward(nb::handle parameters_, nb::handle inputs_, nb::handle outputs_, nb::handle table_,
             const std::string& net, const std::string& activation, const std::string& output, double border,
             double map_border, double amplitude, double slope) {
    const Array<float> parameters("parameters", parameters_, false), inputs("inputs", inputs_, false);
    const Array<float> outputs("outputs", outputs_, true);
    std::optional<Array<std::uint8_t>> table;
    const Net read = read_net(net, table_, table, activation, output, border, map_border, amplitude, slope);
    const std::int64_t n = inputs.rows();
    parameters.require_shape({parameters_of(read)}, "the parameters of the net in one row");
    inputs.require_shape({n, 16, 16}, "n images");
    outputs.require_shape({n, output_units}, "a value for each output unit and image");
    refuse_overlap(outputs, parameters);
    refuse_overlap(outputs, inputs);
    if (table) refuse_overlap(outputs, *table);
    if (n == 0) return;
    const nb::gil_scoped_release unlocked;
    pick_kernel().forward(ForwardBlock{read, n, parameters.data(), inputs.data(), outputs.data()});
}

void curvature(nb::handle parameters_, nb::handle inputs_, nb::handle curvature_, nb::handle table_,
               const std::string& net, const std::string& activation, const std::string& output, const std::string& loss,
               double border, double map_border, double amplitude, double slope, double loss_scale) {
    const Array<float> parameters("parameters", parameters_, false), inputs("inputs", inputs_, false);
    const Array<float> curvature("curvature", curvature_, true);
    std::optional<Array<std::uint8_t>> table;
    CurvatureBlock block{};
    block.net = read_net(net, table_, table, activation, output, border, map_border, amplitude, slope);
    block.loss = read_loss(loss, block.net);
    require("loss_scale", loss_scale, true, "");
    const std::int64_t n = inputs.rows();
    parameters.require_shape({parameters_of(block.net)}, "the parameters of the net in one row");
    inputs.require_shape({n, 16, 16}, "n images");
    curvature.require_shape({parameters_of(block.net)}, "a value for each parameter");
    if (n == 0) refuse("inputs", "empty", "one image or more, to take a mean over");
    refuse_overlap(curvature, parameters);
    refuse_overlap(curvature, inputs);
    if (table) refuse_overlap(curvature, *table);
    block.loss_scale = float(loss_scale);
    block.count = n;
    block.parameters = parameters.data();
    block.inputs = inputs.data();
    block.curvature = curvature.data();
    const nb::gil_scoped_release unlocked;
    pick_kernel().curvature(block);
}

}  // namespace
}  // namespace timetravel

NB_MODULE(_kernel, module) {
    using namespace timetravel;
    const auto array = [](const char* name) { return nb::arg(name).none(); };  // so that None gets our own message
    module.doc() = "Steps the paper's nets through blocks of digits. See _kernel.pyi for the arguments.";
    module.attr("instruction_set") = pick_kernel().instruction_set;
    module.def("train_block", &train_block, array("parameters"), array("state"), array("inputs"), array("targets"),
               array("mask"), array("table"), array("learning_rates"), nb::kw_only(), "net"_a = "lecun1989", "activation"_a,
               "output"_a, "loss"_a, "optimizer"_a, "batch_size"_a, "border"_a = -1.0, "map_border"_a = -1.0, "amplitude"_a = 1.0, "slope"_a = 1.0,
               "loss_scale"_a = 1.0, "momentum"_a = 0.0, "beta1"_a = 0.9, "beta2"_a = 0.999, "epsilon"_a = 1e-8,
               "weight_decay"_a = 0.0, "mu"_a = 0.1, "sharpness"_a = 0.0, "step"_a = 0,
               "Trains on a block of digits in place; returns the sum of the losses, each taken before its update.");
    module.def("forward", &forward, array("parameters"), array("inputs"), array("outputs"), array("table"), nb::kw_only(),
               "net"_a = "lecun1989", "activation"_a, "output"_a, "border"_a = -1.0, "map_border"_a = -1.0, "amplitude"_a = 1.0,
               "slope"_a = 1.0,
               "Fills outputs with what the net answers to the inputs.");
    module.def("curvature", &curvature, array("parameters"), array("inputs"), array("curvature"), array("table"),
               nb::kw_only(), "net"_a = "lecun1989", "activation"_a, "output"_a, "loss"_a, "border"_a = -1.0, "map_border"_a = -1.0,
               "amplitude"_a = 1.0, "slope"_a = 1.0, "loss_scale"_a = 1.0,
               "Fills curvature with the mean second derivative of the loss with respect to each parameter.");
}
