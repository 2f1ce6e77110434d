// Where the walk over a configuration stands: the path for messages, and where faults are collected.
#pragma once

#include "config/document.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace tocsin::config {

class place {
public:
  // The root. `doc`, `errors` and `folder` (of the configuration file) outlive every place made from it.
  place(const document& doc, config_errors& errors, const std::filesystem::path& folder)
      : doc_(&doc), errors_(&errors), folder_(&folder) {}

  [[nodiscard]] place member(std::string_view name) const { return with(member_path(path_, name)); }
  [[nodiscard]] place element(std::size_t index) const { return with(element_path(path_, index)); }

  // False where the text of the value has a fault, which is told already.
  [[nodiscard]] bool usable() const { return !doc_->unusable.contains(path_); }
  // Whether nothing is told so far of this member, of what is in it or of what is around it.
  [[nodiscard]] bool sound() const { return is_sound(*errors_, path_); }

  // `rule` goes on after the value: refuse(v, "is not a duration; write e.g. 15s").
  void refuse(const boost::json::value& value, std::string_view rule) const;
  // A fault that shows no value: it is missing, or a secret.
  void refuse(std::string_view message) const;
  // A name that is not known; `meant` is the path of the member that it probably stands for, or empty.
  void refuse_name(std::string_view message, std::string meant) const;

  [[nodiscard]] const std::filesystem::path& folder() const { return *folder_; }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  [[nodiscard]] place with(std::string path) const {
    place other(*this);
    other.path_ = std::move(path);
    return other;
  }

  const document* doc_;
  config_errors* errors_;
  const std::filesystem::path* folder_;
  std::string path_;
};

// A value as a message shows it: "15x", 15, a list, a mapping, nothing; text beyond 80 bytes is cut.
[[nodiscard]] std::string shown(const boost::json::value& value);

} // namespace tocsin::config
