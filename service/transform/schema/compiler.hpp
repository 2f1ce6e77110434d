// From a schema's documents to its program. Every keyword's own value is checked here, with its place.
#pragma once

#include "transform/schema/library.hpp"
#include "transform/schema/program.hpp"

#include <memory>
#include <vector>

namespace tocsin::schema::detail {

// Throws compile_failure; where `faults` are wanted, collects them instead, and the program is of no use.
[[nodiscard]] std::shared_ptr<const program> compile_program(library&, const schema_options&,
                                                             std::vector<schema_error>* faults = nullptr);

// nullptr for a name that the draft does not know, and for idn-hostname.
[[nodiscard]] format_check find_format(std::string_view name) noexcept;

} // namespace tocsin::schema::detail
