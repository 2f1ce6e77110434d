#include "config/print.hpp"

#include "config/members.hpp"

namespace tocsin::config {

boost::json::object to_json(const settings& settings) {
  return group_kind<config::settings>{settings_members}.print(settings).as_object();
}

std::string redacted_url(std::string_view url) {
  const auto scheme = url.find("://");
  const auto authority = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto path = std::min(url.find_first_of("/?#", authority), url.size());
  const auto at = url.substr(authority, path - authority).rfind('@');
  const auto host = at == std::string_view::npos ? authority : authority + at + 1;
  const auto query = std::min(url.find_first_of("?#", authority), url.size());
  std::string result(url.substr(0, authority));
  result += url.substr(host, query - host);
  if (query < url.size() && url[query] == '?') result += "?***";
  return result;
}

} // namespace tocsin::config
