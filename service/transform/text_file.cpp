#include "transform/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace tocsin::transform {

void throw_exception_from_error(const unreadable& fault, const boost::source_location&) { throw std::runtime_error(fault.why); }

boost::system::result<std::string, unreadable> read_text_file(const std::filesystem::path& file, std::size_t largest) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return unreadable{"is a folder; name a file"};
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text;
  std::array<char, 64 * 1024> part;
  while (stream && text.size() <= largest) {
    stream.read(part.data(), static_cast<std::streamsize>(part.size()));
    text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (!stream.is_open() || stream.bad()) {
    return unreadable{fmt::format("cannot be read: {}; name a file that this user may read",
                                  errno != 0 ? std::strerror(errno) : "input error")};
  }
  if (text.size() > largest) return unreadable{fmt::format("is larger than {} MiB; name a smaller file", largest >> 20)};
  return text;
}

} // namespace tocsin::transform
