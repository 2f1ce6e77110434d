// check_files(): whether what a configuration names is there.
#include "config/load.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace tocsin::config {
namespace {

enum class content { any, secret };

class file_check {
public:
  void operator()(std::string_view path, const std::filesystem::path& file, content wanted = content::any) {
    if (file.empty()) return;
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) return fail(path, file, "is a folder; name a file");
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
      return fail(path, file,
                  fmt::format("cannot be read: {}; a path is relative to the configuration file", std::strerror(errno)));
    if (wanted == content::secret && stream.peek() == std::ifstream::traits_type::eof())
      fail(path, file, "is empty; write the secret into it");
  }

  config_errors errors;

private:
  void fail(std::string_view path, const std::filesystem::path& file, std::string_view rule) {
    const auto shown = fmt::format("\"{}\"", file.string());
    errors.push_back({std::string(path), shown, fmt::format("{} {}", shown, rule), 0});
  }
};

} // namespace

config_errors check_files(const settings& s) {
  file_check check;
  for (const auto& [name, secret] : s.kafka.secret_properties)
    check("kafka.properties." + name + ".file", secret.file, content::secret);
  check("event.schema", s.event.schema);
  check("event.mapping", s.event.mapping);
  check("event.outbound_schema", s.event.outbound_schema);
  if (const auto* const bearer = std::get_if<bearer_credentials>(&s.endpoint.auth))
    check("endpoint.auth.bearer.file", bearer->token.file, content::secret);
  if (const auto* const basic = std::get_if<basic_credentials>(&s.endpoint.auth))
    check("endpoint.auth.basic.password.file", basic->password.file, content::secret);
  check("endpoint.tls.ca_file", s.endpoint.tls.ca_file);
  check("endpoint.tls.cert_file", s.endpoint.tls.cert_file);
  check("endpoint.tls.key_file", s.endpoint.tls.key_file);
  check("endpoint.signing_secret.file", s.endpoint.signing_secret.file, content::secret);
  check("admin.token.file", s.admin.token.file, content::secret);
  return std::move(check.errors);
}

} // namespace tocsin::config
