// The event that the benchmarks of transform/ and its schema use: the example of proto-free-schemas/guance, cut to the
// documented 1.3 KB.
#pragma once

#include <filesystem>
#include <string>

namespace tocsin::bench {

[[nodiscard]] const std::filesystem::path& guance(); // the folder
[[nodiscard]] const std::string& event();

} // namespace tocsin::bench
