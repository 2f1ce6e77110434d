// A whole file as text, for schemas, mappings and tables. Blocking; start-up and reload only.
#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace tocsin::transform {

// Why a file cannot be read, after its name: "cannot be read: No such file or directory; …".
struct unreadable {
  std::string why;
};
[[noreturn]] void throw_exception_from_error(const unreadable&, const boost::source_location&);

inline constexpr std::size_t largest_text_file = std::size_t{64} << 20; // bytes

[[nodiscard]] boost::system::result<std::string, unreadable> read_text_file(const std::filesystem::path& file,
                                                                            std::size_t largest = largest_text_file);

} // namespace tocsin::transform
