// ${NAME} and ${NAME:-default} in a scalar of the configuration.
#pragma once

#include <boost/system/result.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::config {

// The value of a variable; none where it is not set.
using environment = std::function<std::optional<std::string>(std::string_view name)>;

// The process's own environment.
[[nodiscard]] environment process_environment();

struct substitution_error {
  std::string message;
};
[[noreturn]] void throw_exception_from_error(const substitution_error& error, const boost::source_location& where);

// `text` with every ${NAME} replaced by the variable's value and every ${NAME:-default} by the value, or by the default where the
// variable is not set or empty. $${ stands for the text ${; any other $ for itself. What was put in is not looked at again.
// A name is a letter or _, then letters, digits and _. A default goes up to the next }.
[[nodiscard]] boost::system::result<std::string, substitution_error> substitute(std::string_view text,
                                                                                const environment& variables);

} // namespace tocsin::config
