// The secrets that are read once, at start. Those of the endpoint are push's, which reads them again when they change.
#pragma once

#include "config/error.hpp"
#include "config/settings.hpp"

namespace tocsin::config {

// The settings with the values of `secret_properties` among `properties`: for Kafka's clients alone, never to be shown. White
// space at the end of a file is cut off. A file that cannot be read, is empty or larger than 64 KiB, or holds a NUL, is a fault.
[[nodiscard]] loaded<kafka_settings> with_secrets(const kafka_settings& settings);

// Whether the file of admin.token, if there is one, can be read and is not empty. The admin server reads it for itself.
[[nodiscard]] config_errors check_token(const admin_settings& settings);

} // namespace tocsin::config
