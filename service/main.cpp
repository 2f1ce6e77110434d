#include "api/attach.hpp"
#include "cli/dispatch.hpp"

int main(int argc, char** argv) {
  return tocsin::cli::dispatch({argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)}, tocsin::api::attach);
}
