// The Python module: checks everything a call hands over, then runs it without the interpreter's lock.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <new>
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

void read_table(nb::handle given, std::uint8_t* kept) {
    const Array<std::uint8_t> table("table", given, false);
    table.require_shape({12, 8}, "8 of the 12 H1 maps for each of the 12 H2 maps");
    for (int map = 0; map < 12; map++) {
        unsigned seen = 0;
        for (int i = 0; i < 8; i++) {
            const unsigned input = kept[map * 8 + i] = table.data()[map * 8 + i];
            const std::string where = "table's row " + std::to_string(map);
            if (input >= 12) refuse(where, "reading map " + std::to_string(input), "8 different numbers from 0 to 11");
            if (seen >> input & 1)
                refuse(where, "reading map " + std::to_string(input) + " twice", "8 different numbers from 0 to 11");
            seen |= 1u << input;
        }
    }
}

void make_options(Options* made, nb::handle table, const std::string& net, const std::string& activation,
                  const std::string& output, const std::string& loss, const std::string& optimizer,
                  std::int64_t batch_size, double border, double map_border, double amplitude, double slope,
                  double loss_scale, double momentum, double beta1, double beta2, double epsilon, double weight_decay,
                  double mu, double sharpness) {
    Options o{};
    o.net.kind = choose<Kind>("net", net, {{"lecun1989", Kind::lecun1989}, {"fully-connected", Kind::fully_connected}});
    if (o.net.kind == Kind::lecun1989) read_table(table, o.net.table);
    o.net.activation = choose<Activation>("activation", activation,
                                          {{"tanh", Activation::tanh},
                                           {"relu", Activation::relu},
                                           {"gelu", Activation::gelu},
                                           {"silu", Activation::silu}});
    o.net.output = choose<Output>("output", output, {{"tanh", Output::tanh}, {"linear", Output::linear}});
    o.loss = choose<Loss>("loss", loss,
                          {{"squared-error", Loss::squared_error}, {"cross-entropy", Loss::cross_entropy}});
    if (o.loss == Loss::cross_entropy && o.net.output != Output::linear)
        refuse("output", "'tanh'", "'linear' with the loss 'cross-entropy'");
    o.optimizer = choose<Optimizer>("optimizer", optimizer,
                                    {{"sgd", Optimizer::sgd},
                                     {"momentum", Optimizer::momentum},
                                     {"adamw", Optimizer::adamw},
                                     {"diagonal-newton", Optimizer::diagonal_newton}});
    require_whole("batch_size", o.batch_size = batch_size, 1);
    require("border", border, true, "");
    require("map_border", map_border, true, "");
    o.net.border = float(border);
    o.net.map_border = float(map_border);
    require("amplitude", amplitude, float(amplitude) > 0, "above 0");
    require("slope", slope, float(slope) > 0, "above 0");
    o.net.amplitude = float(amplitude);
    o.net.slope = float(slope);
    require("loss_scale", loss_scale, true, "");
    o.loss_scale = float(loss_scale);
    require("momentum", o.momentum = momentum, momentum >= 0, "at least 0");
    require("beta1", o.beta1 = beta1, beta1 >= 0 && beta1 < 1, "from 0 to below 1");
    require("beta2", o.beta2 = beta2, beta2 >= 0 && beta2 < 1, "from 0 to below 1");
    require("epsilon", o.epsilon = epsilon, float(epsilon) > 0, "above 0");
    require("weight_decay", o.weight_decay = weight_decay, weight_decay >= 0, "at least 0");
    require("mu", o.mu = mu, float(mu) > 0, "above 0");
    require("sharpness", o.sharpness = sharpness, sharpness >= 0, "at least 0");
    new (made) Options(o);
}

// The best build that this processor runs, or the one that TIMETRAVEL_INSTRUCTION_SET names, if the processor runs it.
const Kernel& best_kernel() {
    const char* asked = std::getenv("TIMETRAVEL_INSTRUCTION_SET");
    const Kernel* best = &baseline::kernel;
    const auto offer = [&](const Kernel& kernel) {
        if (!asked || best->instruction_set != std::string(asked)) best = &kernel;
    };
#ifdef TIMETRAVEL_HAS_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        offer(avx2::kernel);
#ifdef TIMETRAVEL_HAS_AVX512
        if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) offer(avx512::kernel);
#endif
    }
#endif
    return *best;
}

const Kernel& pick_kernel() {
    static const Kernel& picked = best_kernel();  // at import
    return picked;
}

double train_block(const Options& options, nb::handle parameters_, nb::handle state_, nb::handle inputs_,
                   nb::handle targets_, nb::handle mask_, nb::handle learning_rates_, std::int64_t step) {
    const Array<float> parameters("parameters", parameters_, true), state("state", state_, true);
    const Array<float> inputs("inputs", inputs_, false), targets("targets", targets_, false);
    const Array<float> learning_rates("learning_rates", learning_rates_, false);
    std::optional<Array<float>> mask;
    if (!mask_.is_none()) mask.emplace("mask", mask_, false);
    TrainBlock block{options};
    if (mask && block.net.kind == Kind::fully_connected)
        refuse("mask", "given", "None with the net 'fully-connected', which has no H2");
    require_whole("step", step, 0);

    const std::int64_t n = inputs.rows(), updates = n / block.batch_size + (n % block.batch_size != 0);
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
        if (mask) refuse_overlap(*written, *mask);
    }
    refuse_overlap(parameters, state);
    if (n == 0) return 0;

    block.step = step;
    block.count = n;
    block.inputs = inputs.data();
    block.targets = targets.data();
    block.mask = mask ? mask->data() : nullptr;
    block.learning_rates = learning_rates.data();
    block.parameters = parameters.data();
    block.state = state.data();
    const nb::gil_scoped_release unlocked;
    return pick_kernel().train(block);
}

void forward(const Options& options, nb::handle parameters_, nb::handle inputs_, nb::handle outputs_) {
    const Array<float> parameters("parameters", parameters_, false), inputs("inputs", inputs_, false);
    const Array<float> outputs("outputs", outputs_, true);
    const std::int64_t n = inputs.rows();
    parameters.require_shape({parameters_of(options.net)}, "the parameters of the net in one row");
    inputs.require_shape({n, 16, 16}, "n images");
    outputs.require_shape({n, output_units}, "a value for each output unit and image");
    refuse_overlap(outputs, parameters);
    refuse_overlap(outputs, inputs);
    if (n == 0) return;
    const nb::gil_scoped_release unlocked;
    pick_kernel().forward(ForwardBlock{options, n, parameters.data(), inputs.data(), outputs.data()});
}

// Stored images, larger than a net reads them.
void framed_forward(const Options& options, nb::handle parameters_, nb::handle inputs_, nb::handle outputs_, double window,
                    double deslant) {
    const Array<float> parameters("parameters", parameters_, false), inputs("inputs", inputs_, false);
    const Array<float> outputs("outputs", outputs_, true);
    const std::int64_t n = inputs.rows(), side = inputs.columns();
    if (side < 17 || side > largest_side) refuse("inputs", std::to_string(side) + " pixels wide", "17 to 32 pixels wide");
    parameters.require_shape({parameters_of(options.net)}, "the parameters of the net in one row");
    inputs.require_shape({n, side, side}, "n square images");
    outputs.require_shape({n, output_units}, "a value for each output unit and image");
    require("window", window, window >= 0.5 && window <= 1, "from 0.5 to 1");
    require("deslant", deslant, deslant >= 0 && deslant <= 1, "from 0 to 1");
    refuse_overlap(outputs, parameters);
    refuse_overlap(outputs, inputs);
    if (n == 0) return;
    const nb::gil_scoped_release unlocked;
    const ForwardBlock forward{options, n, parameters.data(), inputs.data(), outputs.data()};
    pick_kernel().framed_forward(FrameBlock{forward, int(side), float(window), float(deslant)});
}

// Numbers of rows of an array of `count` rows.
void require_rows(const Array<std::int64_t>& given, std::int64_t n, std::int64_t count) {
    given.require_shape({n}, "the number of a row for each image");
    for (std::int64_t i = 0; i < n; i++)
        if (given.data()[i] < 0 || given.data()[i] >= count)
            refuse(given.name + "[" + std::to_string(i) + "]", std::to_string(given.data()[i]),
                   "from 0 to " + std::to_string(count - 1));
}

template <class T>
std::optional<Array<T>> given(const char* name, nb::handle object) {
    if (object.is_none()) return std::nullopt;
    return std::optional<Array<T>>(std::in_place, name, object, false);
}

void distort(nb::handle images_, nb::handle rows_, nb::handle outputs_, nb::handle offsets_, nb::handle maps_,
             nb::handle nodes_, nb::handle splines_) {
    const Array<float> images("images", images_, false), outputs("outputs", outputs_, true);
    const Array<std::int64_t> rows("rows", rows_, false);
    const auto offsets = given<std::int64_t>("offsets", offsets_);
    const auto maps = given<float>("maps", maps_), nodes = given<float>("nodes", nodes_);
    std::optional<Array<float>> splines;
    if (nodes) splines.emplace("splines", splines_, false);
    const std::int64_t count = images.rows(), n = rows.rows(), k = splines ? splines->rows() : 0;
    images.require_shape({count, 16, 16}, "images");
    outputs.require_shape({n, 16, 16}, "an image for each row");
    require_rows(rows, n, count);
    if (offsets) offsets->require_shape({n, 2}, "an offset down and to the right for each image");
    if (maps) maps->require_shape({n, 2, 3}, "two lines of an affine map for each image");
    if (nodes) {
        nodes->require_shape({n, 2, k * k}, "two displacements for each image and node");
        splines->require_shape({k, 16}, "the spline of each node along a side");
        if (k > most_nodes) refuse("splines", "of " + std::to_string(k) + " nodes", "of " + std::to_string(most_nodes) + " at most");
        refuse_overlap(outputs, *nodes);
    }
    refuse_overlap(outputs, images);
    const auto data = [](const auto& array) { return array ? array->data() : nullptr; };
    const nb::gil_scoped_release unlocked;
    pick_kernel().distort(DistortBlock{n, k, images.data(), rows.data(), data(offsets), data(maps), data(nodes),
                                       data(splines), outputs.data()});
}

void mix(nb::handle images_, nb::handle partners_, nb::handle shares_, nb::handle outputs_) {
    const Array<float> images("images", images_, false), shares("shares", shares_, false);
    const Array<float> outputs("outputs", outputs_, true);
    const Array<std::int64_t> partners("partners", partners_, false);
    const std::int64_t n = images.rows();
    images.require_shape({n, 16, 16}, "images");
    outputs.require_shape({n, 16, 16}, "as many images");
    shares.require_shape({n}, "the share of each image");
    require_rows(partners, n, n);
    refuse_overlap(outputs, images);
    const nb::gil_scoped_release unlocked;
    pick_kernel().mix(MixBlock{n, images.data(), partners.data(), shares.data(), outputs.data()});
}

void curvature(const Options& options, nb::handle parameters_, nb::handle inputs_, nb::handle curvature_) {
    const Array<float> parameters("parameters", parameters_, false), inputs("inputs", inputs_, false);
    const Array<float> curvature("curvature", curvature_, true);
    const std::int64_t n = inputs.rows();
    parameters.require_shape({parameters_of(options.net)}, "the parameters of the net in one row");
    inputs.require_shape({n, 16, 16}, "n images");
    curvature.require_shape({parameters_of(options.net)}, "a value for each parameter");
    if (n == 0) refuse("inputs", "empty", "one image or more, to take a mean over");
    refuse_overlap(curvature, parameters);
    refuse_overlap(curvature, inputs);
    const nb::gil_scoped_release unlocked;
    pick_kernel().curvature(CurvatureBlock{options, n, parameters.data(), inputs.data(), curvature.data()});
}

}  // namespace
}  // namespace timetravel

NB_MODULE(_kernel, module) {
    using namespace timetravel;
    const auto array = [](const char* name) { return nb::arg(name).none(); };  // so that None gets our own message
    module.doc() = "Steps the paper's nets through blocks of digits. See _kernel.pyi for the arguments.";
    module.attr("instruction_set") = pick_kernel().instruction_set;
    nb::class_<Options>(module, "Options", "All that stays the same from call to call; defaults are a recipe's.")
        .def("__init__", &make_options, nb::kw_only(), nb::arg("table").none() = nb::none(), "net"_a = "lecun1989",
             "activation"_a = "tanh", "output"_a = "tanh", "loss"_a = "squared-error", "optimizer"_a = "sgd",
             "batch_size"_a = 1, "border"_a = -1.0, "map_border"_a = -1.0, "amplitude"_a = 1.0, "slope"_a = 1.0,
             "loss_scale"_a = 1.0, "momentum"_a = 0.0, "beta1"_a = 0.9, "beta2"_a = 0.999, "epsilon"_a = 1e-8,
             "weight_decay"_a = 0.0, "mu"_a = 0.1, "sharpness"_a = 0.0);
    module.def("train_block", &train_block, "options"_a, array("parameters"), array("state"), array("inputs"),
               array("targets"), array("mask"), array("learning_rates"), nb::kw_only(), "step"_a = 0,
               "Trains on a block of digits in place; returns the sum of the losses, each taken before its update.");
    module.def("forward", &forward, "options"_a, array("parameters"), array("inputs"), array("outputs"),
               "Fills outputs with what the net answers to the inputs.");
    module.def("framed_forward", &framed_forward, "options"_a, array("parameters"), array("inputs"), array("outputs"),
               "window"_a = 1.0, "deslant"_a = 0.0, "The same for stored images, brought to 16x16 on the way.");
    module.def("distort", &distort, array("images"), array("rows"), array("outputs"), array("offsets") = nb::none(),
               array("maps") = nb::none(), array("nodes") = nb::none(), array("splines") = nb::none(),
               "Fills outputs with some of the images, rolled by offsets and warped by maps and nodes.");
    module.def("mix", &mix, array("images"), array("partners"), array("shares"), array("outputs"),
               "Fills outputs with mixtures of each image and its partner.");
    module.def("curvature", &curvature, "options"_a, array("parameters"), array("inputs"), array("curvature"),
               "Fills curvature with the mean second derivative of the loss with respect to each parameter.");
}
