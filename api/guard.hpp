// Who may ask what: the rules in front of the handlers, as functions of the request. docs/admin-api.md has the reasons.
#pragma once

#include "api/request.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>
#include <vector>

namespace tocsin::api {

// Against DNS rebinding, which needs a name: `localhost`, names below it, and addresses pass; other names only where they are in
// `allowed` (case and the port do not matter, unless the allowed name has a port of its own).
[[nodiscard]] bool is_allowed_host(std::string_view host, const std::vector<std::string>& allowed);

// Against pages of other sites in an operator's browser. Sec-Fetch-Site must be same-origin or none (a link that is followed, GET
// with Sec-Fetch-Mode: navigate, may come from anywhere); an Origin must be the Host that was asked, port included. Clients that
// are no browsers send neither.
[[nodiscard]] bool is_same_origin(const request&);

// Whether a mutation's body is declared as application/json, which no form of another site can do.
[[nodiscard]] bool is_json(const request&);

[[nodiscard]] constexpr bool is_mutation(verb method) noexcept { return method != verb::get && method != verb::head; }

// The bearer tokens of `admin.token.file`: one a line, so that a new one can be valid beside the old one. Read again when the
// file changes. While the file cannot be read or is empty, nobody is let in. One thread.
class token_file {
public:
  explicit token_file(std::filesystem::path file); // empty: no token is asked for

  enum class verdict { passed, missing, wrong };
  // `authorization`: the header's value; null: none. Takes as long for a wrong token as for a right one.
  [[nodiscard]] verdict check(const std::string* authorization);

  // Why nobody can get in at present; none where somebody can, or where no token is asked for.
  [[nodiscard]] std::optional<std::string> fault();

private:
  using digest = std::array<unsigned char, 32>;

  void refresh();

  std::filesystem::path file_;
  std::vector<digest> tokens_; // SHA-256 of each
  struct ::stat seen_{};
  std::string fault_;
};

// The id of an answer: the request's own X-Request-Id where it is 1 to 64 letters, digits, `-`, `_` or `.`, else a new one.
[[nodiscard]] std::string request_id(const request&);

} // namespace tocsin::api
