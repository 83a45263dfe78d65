// Arrays from Python, checked through the buffer protocol before a pointer into one is ever used.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace timetravel {

namespace nb = nanobind;

// Says what is wrong as "argument: what it was; what is allowed".
[[noreturn]] inline void refuse(const std::string& argument, const std::string& was, const std::string& allowed) {
    throw nb::value_error((argument + " is " + was + "; it must be " + allowed).c_str());
}

inline std::string describe_shape(const std::int64_t* shape, std::size_t dimensions) {
    std::string text = "(";
    for (std::size_t i = 0; i < dimensions; i++) text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + (dimensions == 1 ? ",)" : ")");
}

// A C-contiguous array of T held for the length of a call. Its buffer stays exported, so that nobody can resize it while
// the interpreter's lock is released; create and destroy it with the lock held.
template <class T>
class Array {
   public:
    Array(const char* name, nb::handle object, bool writable) : name(name) {
        if (PyObject_GetBuffer(object.ptr(), &view, PyBUF_FULL_RO) != 0) {
            PyErr_Clear();
            refuse(name, "a " + std::string(nb::type_name(object.type()).c_str()), std::string("a numpy array of ") + type);
        }
        try {
            check(writable);
        } catch (...) {
            PyBuffer_Release(&view);
            throw;
        }
    }
    ~Array() { PyBuffer_Release(&view); }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;

    void require_shape(const std::vector<std::int64_t>& shape, const char* meaning) const {
        bool same = view.ndim == int(shape.size());
        for (std::size_t i = 0; same && i < shape.size(); i++) same = view.shape[i] == shape[i];
        if (!same) {
            const std::vector<std::int64_t> own(view.shape, view.shape + view.ndim);
            refuse(name, "of shape " + describe_shape(own.data(), own.size()),
                   "of shape " + describe_shape(shape.data(), shape.size()) + ", " + meaning);
        }
    }

    // The length of the first dimension; 0 if there is none (require_shape then says so).
    std::int64_t rows() const { return view.ndim > 0 ? view.shape[0] : 0; }
    std::int64_t columns() const { return view.ndim > 1 ? view.shape[1] : 0; }
    T* data() const { return static_cast<T*>(view.buf); }
    std::uintptr_t begin() const { return reinterpret_cast<std::uintptr_t>(view.buf); }
    std::uintptr_t end() const { return begin() + std::uintptr_t(view.len); }
    const std::string name;

   private:
    static constexpr const char* type = sizeof(T) == 8 ? "int64" : sizeof(T) == 4 ? "float32" : "uint8";

    void check(bool writable) const {
        std::string format = view.format ? view.format : "B";
        if (format.size() > 1 && (format[0] == '@' || format[0] == '=')) format.erase(0, 1);
        if (sizeof(T) == 8 && format == "q") format = "l";  // two names of one type
        if (format != (sizeof(T) == 8 ? "l" : sizeof(T) == 4 ? "f" : "B") || view.itemsize != Py_ssize_t(sizeof(T)))
            refuse(name, "an array of the type '" + format + "' (as the struct module spells it)",
                   std::string("of ") + type + ", in this machine's byte order");
        if (!PyBuffer_IsContiguous(&view, 'C')) refuse(name, "not C-contiguous", "C-contiguous");
        if (begin() % alignof(T) != 0) refuse(name, "not aligned in memory", "aligned");
        if (writable && view.readonly) refuse(name, "read-only", "writable, because it is updated in place");
    }

    Py_buffer view{};
};

// The kernel reads while it writes, so what it writes must not be anything else that it uses.
template <class A, class B>
void refuse_overlap(const Array<A>& written, const Array<B>& other) {
    if (written.begin() < other.end() && other.begin() < written.end())
        refuse(written.name, "in the same memory as " + other.name, "apart from it, because it is updated in place");
}

}  // namespace timetravel
