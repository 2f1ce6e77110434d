// Why something that an operator wrote cannot be used: a sentence that names the thing, the value, the rule and the way out.
#pragma once

#include <boost/system/result.hpp>

#include <string>

namespace tocsin::push {

struct fault {
  std::string text;
};

template <class T>
using checked = boost::system::result<T, fault>;

[[noreturn]] void throw_exception_from_error(const fault&, const boost::source_location&);

} // namespace tocsin::push
