#include "config/document.hpp"

#include "config/scalar.hpp"
#include "config/utf8.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace tocsin::config {
namespace {

namespace json = boost::json;

constexpr std::size_t max_text = 1 << 20;
constexpr std::size_t max_values = 100'000;

// The text as a whole cannot be used.
struct unusable_text {
  int line;
  std::string message;
};

int line_of_mark(const YAML::Mark& mark) { return mark.is_null() ? 0 : mark.line + 1; }

// Turns the parser's events into a document.
class builder final : public YAML::EventHandler {
public:
  builder(document& result, const environment& variables) : result_(result), variables_(variables) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_name()) throw unusable_text{line_of_mark(mark), "a name is missing before the colon"};
    begin(mark);
    finish(nullptr, anchor, 1);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override {
    if (expects_name()) return take_name(mark, text);
    begin(mark);
    auto value = scalar(mark, tag, text);
    finish(std::move(value), anchor, 1);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (expects_name()) throw unusable_text{line_of_mark(mark), "a name cannot be an alias; write it out"};
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw unusable_text{line_of_mark(mark), "an alias stands inside its own anchor"};
    begin(mark);
    if (known->second.faulty) result_.unusable.insert(path_);
    finish(known->second.value, 0, known->second.size);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, json::value(json::array_kind));
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, json::value(json::object_kind));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

private:
  struct frame {
    json::value value;
    YAML::anchor_t anchor = 0;
    std::string path;                // of the value itself
    std::optional<std::string> name; // a mapping's: read, its value not yet
    bool duplicate = false;          // that name stood here before
    std::size_t size = 1;            // values in it, itself included
    std::size_t faults = 0;          // result_.unusable.size() when it was opened
  };
  struct anchored {
    json::value value;
    std::size_t size;
    bool faulty;
  };

  bool expects_name() const { return !frames_.empty() && frames_.back().value.is_object() && !frames_.back().name; }

  void take_name(const YAML::Mark& mark, const std::string& text) {
    auto& top = frames_.back();
    const auto path = member_path(top.path, text);
    if (text == "<<") throw unusable_text{line_of_mark(mark), "merge keys (<<) are not part of YAML 1.2; write the members out"};
    top.duplicate = top.value.get_object().contains(text);
    if (top.duplicate) {
      result_.errors.push_back(
          {path, "",
           fmt::format("stands here for the second time (first in line {}); leave one of them out", line_of(result_.lines, path)),
           line_of_mark(mark)});
    } else {
      result_.lines[path] = line_of_mark(mark); // where a name is, its value is looked for
    }
    top.name = text;
  }

  // Sets path_ for the value that starts here.
  void begin(const YAML::Mark& mark) {
    if (++values_ > max_values)
      throw unusable_text{line_of_mark(mark), fmt::format("holds more than {} values; a configuration is smaller", max_values)};
    if (frames_.empty()) {
      path_.clear();
      result_.lines[path_] = line_of_mark(mark);
    } else if (auto& top = frames_.back(); top.value.is_object()) {
      path_ = member_path(top.path, *top.name);
    } else {
      path_ = element_path(top.path, top.value.get_array().size());
      result_.lines[path_] = line_of_mark(mark);
    }
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, json::value empty) {
    if (expects_name()) throw unusable_text{line_of_mark(mark), "a name must be text, not a list or a mapping"};
    begin(mark);
    if (!tag.empty() && tag != "?" && tag != "!" && tag != "tag:yaml.org,2002:map" && tag != "tag:yaml.org,2002:seq")
      refuse(mark, "", fmt::format("has the tag {}, which is not known here; leave it out", tag));
    frames_.push_back({std::move(empty), anchor, path_, std::nullopt, false, 1, result_.unusable.size()});
  }

  void close() {
    auto done = std::move(frames_.back());
    frames_.pop_back();
    path_ = done.path;
    if (done.anchor != 0) anchors_[done.anchor] = {done.value, done.size, result_.unusable.size() != done.faults};
    attach(std::move(done.value), done.size);
  }

  void finish(json::value value, YAML::anchor_t anchor, std::size_t size) {
    if (anchor != 0) anchors_[anchor] = {value, size, result_.unusable.contains(path_)};
    values_ += size - 1;
    if (values_ > max_values) throw unusable_text{0, fmt::format("holds more than {} values, aliases resolved", max_values)};
    attach(std::move(value), size);
  }

  void attach(json::value value, std::size_t size) {
    if (frames_.empty()) {
      result_.root = std::move(value);
      return;
    }
    auto& top = frames_.back();
    top.size += size;
    if (top.value.is_array()) {
      top.value.get_array().push_back(std::move(value));
      return;
    }
    if (!top.duplicate) top.value.get_object().insert_or_assign(*top.name, std::move(value));
    top.name.reset();
    top.duplicate = false;
  }

  json::value scalar(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
    auto replaced = substitute(text, variables_);
    if (!replaced) {
      refuse(mark, text, replaced.error().message);
      return nullptr;
    }
    if (replaced->size() > max_text || utf8_fault(*replaced) != std::string_view::npos) {
      refuse(mark, text, "is not UTF-8 with the environment variable's value in it; set the variable to text");
      return nullptr;
    }
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return json::value(json::string(*replaced));
    if (!tag.empty() && tag != "?") {
      refuse(mark, text, fmt::format("has the tag {}, which is not known here; leave it out", tag));
      return nullptr;
    }
    if (replaced->empty() && !text.empty()) return json::value(json::string()); // ${NAME:-} is text without characters, not null
    return plain_scalar(*replaced);
  }

  void refuse(const YAML::Mark& mark, std::string value, std::string message) {
    result_.unusable.insert(path_);
    result_.errors.push_back({path_, std::move(value), std::move(message), line_of_mark(mark)});
  }

  document& result_;
  const environment& variables_;
  std::vector<frame> frames_;
  std::map<YAML::anchor_t, anchored> anchors_;
  std::string path_;
  std::size_t values_ = 0;
};

int line_at(std::string_view text, std::size_t position) {
  return 1 + static_cast<int>(std::ranges::count(text.substr(0, position), '\n'));
}

// What yaml-cpp would read as something else than it is.
void check_characters(std::string_view text) {
  if (text.size() > max_text) throw unusable_text{0, "is larger than 1 MiB; a configuration is smaller"};
  if (const auto fault = utf8_fault(text); fault != std::string_view::npos)
    throw unusable_text{line_at(text, fault), "is not UTF-8 here; save the file as UTF-8"};
  const auto control = std::ranges::find_if(
      text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == '\x7f'; });
  if (control != text.end()) {
    throw unusable_text{line_at(text, static_cast<std::size_t>(control - text.begin())),
                        fmt::format("holds the control character 0x{:02x}; take it out", static_cast<unsigned char>(*control))};
  }
}

void parse_into(document& result, std::string_view text, const environment& variables) {
  check_characters(text);
  builder events(result, variables);
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  parser.HandleNextDocument(events);
  document second;
  builder ignored(second, variables);
  if (parser.HandleNextDocument(ignored))
    throw unusable_text{line_of(second.lines, ""),
                        "holds a second YAML document; one file is one relay: leave it out, with its ---"};
}

} // namespace

std::string member_path(std::string_view parent, std::string_view name) {
  const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
  if (!plain) return fmt::format("{}[{}]", parent, json::serialize(json::string(name)));
  return parent.empty() ? std::string(name) : fmt::format("{}.{}", parent, name);
}

std::string element_path(std::string_view parent, std::size_t index) { return fmt::format("{}[{}]", parent, index); }

document parse_document(std::string_view text, const environment& variables) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  document result;
  const auto fail = [&](int line, std::string message) {
    result.root = nullptr;
    result.unusable = {""};
    result.errors = {{"", "", std::move(message), line}};
  };
  try {
    parse_into(result, text, variables);
  } catch (const unusable_text& fault) {
    fail(fault.line, fault.message);
  } catch (const YAML::Exception& fault) {
    const bool variable_in_flow = fault.msg.find("flow") != std::string::npos && text.find("${") != std::string_view::npos;
    fail(line_of_mark(fault.mark), fmt::format("is not YAML: {}; {}", fault.msg,
                                               variable_in_flow ? "between { } or [ ], ${NAME} wants quotes: \"${NAME}\""
                                                                : "check the indentation and the quotes here"));
  }
  return result;
}

} // namespace tocsin::config
