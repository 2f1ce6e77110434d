#include "push/fault.hpp"

#include <stdexcept>

namespace tocsin::push {

void throw_exception_from_error(const fault& what, const boost::source_location&) { throw std::runtime_error(what.text); }

} // namespace tocsin::push
