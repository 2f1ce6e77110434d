#pragma once

#include "transform/text_file.hpp"

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <filesystem>

namespace tocsin::transform {

// A whole file as one JSON value, numbers exact or marked (json_e/json_reader.hpp), arrays and objects nested `depth` levels deep
// at most. `storage` frees all at once, and lives as long as the value. Blocking; start-up and reload only.
[[nodiscard]] boost::system::result<boost::json::value, unreadable>
read_json_file(const std::filesystem::path& file, boost::json::storage_ptr storage, std::size_t depth);

} // namespace tocsin::transform
