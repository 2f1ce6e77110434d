// Which librdkafka this program runs with.
#pragma once

#include <string>

namespace tocsin::kafka {

[[nodiscard]] std::string library_version(); // "2.14.2"

} // namespace tocsin::kafka
