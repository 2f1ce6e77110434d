#include "push/secret.hpp"

#include "push/request_template.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace tocsin::push {
namespace {

constexpr std::size_t largest = 64 * 1024;

bool same(const struct ::stat& a, const struct ::stat& b) noexcept {
  return a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_size == b.st_size &&
         a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

} // namespace

checked<secret::change> secret::refresh(clock::time_point now) {
  if (now < look_again_) return change::none;
  look_again_ = now + std::chrono::seconds(2);
  const auto refuse = [this](std::string_view why) { return fault{fmt::format("{}: \"{}\" {}", name_, file_.string(), why)}; };
  const auto unreadable = [] {
    return fmt::format("cannot be read: {}; name a file that this user may read, its path relative to the configuration",
                       std::strerror(errno));
  };

  struct ::stat found{};
  if (::stat(file_.c_str(), &found) != 0) return refuse(unreadable());
  if (S_ISDIR(found.st_mode)) return refuse("is a folder; name a file");
  if (!value_.empty() && same(found, seen_)) return change::none;

  std::ifstream in(file_, std::ios::binary);
  if (!in) return refuse(unreadable());
  std::string text(largest + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return refuse(unreadable());
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > largest) return refuse("is larger than 64 KiB; a secret is smaller");
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  if (text.empty()) return refuse("is empty; write the secret into it");
  if (!is_header_value(text)) return refuse("holds a control character (a second line?); keep one line");

  seen_ = found;
  if (text == value_) return change::none;
  value_ = std::move(text);
  return change::changed;
}

} // namespace tocsin::push
