// The entry points of one build: each choice of activation becomes its own compiled loop.
#include "block.h"
#include "forward.h"
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

double train(const TrainBlock& block) {
    const Owned<Workspace> work{new Workspace(block.net.border)};
    switch (block.net.activation) {
        case Activation::relu: return Trainer<Relu>(block, Relu{}, *work.held).run();
        default: return Trainer<Tanh>(block, Tanh{block.net.amplitude, block.net.slope}, *work.held).run();
    }
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

const Kernel kernel{TO_TEXT(TIMETRAVEL_BUILD), train, forward};

}  // namespace timetravel::TIMETRAVEL_BUILD
