// The entry points of one build: each choice of activation becomes its own compiled loop.
#include "block.h"
#include "curvature.h"
#include "forward.h"
#include "lecun1989.h"
#include "train.h"

namespace timetravel::TIMETRAVEL_BUILD {
namespace {

#define TO_TEXT_(name) #name
#define TO_TEXT(name) TO_TEXT_(name)

// Frees what it holds when train or forward ends.
template <class T>
struct Owned {
    T* held;
    ~Owned() { delete held; }
};

// Calls use(model) with the net that is asked for.
template <class Use>
auto with_model(const Net& net, const Use& use) {
    switch (net.activation) {
        case Activation::relu: return use(LeCun1989<Relu>(net, Relu{}));
        default: return use(LeCun1989<Tanh>(net, Tanh{net.amplitude, net.slope}));
    }
}

double train(const TrainBlock& block) {
    return with_model(block.net, [&]<class Model>(const Model& model) {
        const Owned<Workspace<Model>> work{new Workspace<Model>(block.net)};
        return Trainer<Model>(block, model, *work.held).run();
    });
}

void curvature(const CurvatureBlock& block) {
    with_model(block.net, [&]<class Model>(const Model& model) {
        const Owned<CurvatureWorkspace<Model>> work{new CurvatureWorkspace<Model>(block.net)};
        estimate_curvature(block, model, *work.held);
    });
}

template <class Hidden>
void forward_with(const ForwardBlock& block, const Hidden& hidden) {
    const Owned<Evaluation> work{new Evaluation};
    if (block.net.output == Output::tanh)
        evaluate(block, hidden, Tanh{block.net.amplitude, block.net.slope}, *work.held);
    else
        evaluate(block, hidden, Linear{}, *work.held);
}

void forward(const ForwardBlock& block) {
    switch (block.net.activation) {
        case Activation::relu: return forward_with(block, Relu{});
        default: return forward_with(block, Tanh{block.net.amplitude, block.net.slope});
    }
}

}  // namespace

const Kernel kernel{TO_TEXT(TIMETRAVEL_BUILD), train, forward, curvature};

}  // namespace timetravel::TIMETRAVEL_BUILD
