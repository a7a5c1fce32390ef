// The C++ part of throws.c.
#include <stdexcept>

extern "C" void throwSomething() {
  throw std::runtime_error("thrown across the boundary");
}
