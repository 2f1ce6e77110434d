#include "runner.hpp"

#include "model.hpp"

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tocsin::simulation {

namespace {

// What the child writes and the parent reads.
struct shared_page {
  progress done;
  char message[512];
};

class shared_memory {
public:
  shared_memory()
      : page_(new(mmap(nullptr, sizeof(shared_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) shared_page{}) {}
  ~shared_memory() { munmap(page_, sizeof(shared_page)); }
  shared_memory(const shared_memory&) = delete;
  shared_memory& operator=(const shared_memory&) = delete;
  shared_page* operator->() const noexcept { return page_; }
  shared_page& operator*() const noexcept { return *page_; }

private:
  shared_page* page_;
};

enum class voice { loud, silent };

// Runs `work` in a child; a violation, an assertion, a crash or an endless loop is returned as what it was.
template <typename Work>
std::optional<std::string> in_child(shared_memory& memory, voice stderr_is, unsigned seconds, Work work) {
  memory->message[0] = 0;
  std::fflush(nullptr);
  const auto child = fork();
  if (child == 0) {
    if (stderr_is == voice::silent) {
      const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
      dup2(null, STDERR_FILENO);
    }
    alarm(seconds);
    int code = 0;
    try {
      work(*memory);
    } catch (const std::exception& error) {
      std::strncpy(memory->message, error.what(), sizeof(memory->message) - 1);
      code = 1;
    }
    std::fflush(nullptr);
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  if (WIFSIGNALED(status)) {
    switch (WTERMSIG(status)) {
    case SIGABRT: return "an assertion failed";
    case SIGALRM: return "it goes on for ever";
    default: return fmt::format("it ended by signal {}", WTERMSIG(status));
    }
  }
  return memory->message[0] != 0 ? std::string(memory->message) : fmt::format("it ended with {}", WEXITSTATUS(status));
}

void replay(std::uint64_t seed, const std::vector<decision>& all, progress& done,
            const std::function<void(const std::string&)>& tell) {
  const auto drawn = draw_options(seed);
  model world(drawn, seed, tell);
  done.step_of_seed = 0;
  for (const auto& one : all) {
    ++done.step_of_seed;
    world.step(one);
  }
  ++done.step_of_seed;
  world.settle_everything();
}

} // namespace

std::vector<decision> decisions_of(std::uint64_t seed, std::uint64_t count) {
  const auto drawn = draw_options(seed);
  decision_stream stream(drawn.weights, seed);
  std::vector<decision> all(count);
  for (auto& one : all) one = stream.next();
  return all;
}

std::optional<finding> run(const campaign& plan, progress& done) {
  shared_memory memory;
  const auto failed = in_child(memory, voice::loud, 3600, [&plan](shared_page& page) {
    auto& at = page.done;
    for (at.seed = plan.first_seed; at.seeds < plan.seeds && at.steps < plan.steps; ++at.seed) {
      const auto drawn = draw_options(at.seed);
      decision_stream stream(drawn.weights, at.seed);
      model world(drawn, at.seed);
      for (at.step_of_seed = 1; at.step_of_seed <= plan.steps_per_seed; ++at.step_of_seed) {
        ++at.steps;
        world.step(stream.next());
      }
      world.settle_everything();
      ++at.seeds;
    }
  });
  done = memory->done;
  if (!failed) return std::nullopt;
  return finding{done.seed, done.steps, done.step_of_seed, *failed};
}

std::vector<decision> shorten(const finding& found, std::uint64_t steps_per_seed) {
  auto left = decisions_of(found.seed, std::min(found.step_of_seed, steps_per_seed));
  shared_memory memory;
  const auto fails = [&](const std::vector<decision>& some) {
    return in_child(memory, voice::silent, 10, [&](shared_page& page) { replay(found.seed, some, page.done, {}); }).has_value();
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (auto chunk = std::max<std::size_t>(left.size() / 2, 1);; chunk = std::max<std::size_t>(chunk / 2, 1)) {
    bool shorter = false;
    for (std::size_t at = 0; at < left.size() && std::chrono::steady_clock::now() < until;) {
      auto without = left;
      const auto first = without.begin() + static_cast<std::ptrdiff_t>(at);
      without.erase(first, first + static_cast<std::ptrdiff_t>(std::min(chunk, left.size() - at)));
      if (fails(without)) {
        if (memory->done.step_of_seed < without.size()) without.resize(memory->done.step_of_seed);
        left = std::move(without);
        shorter = true;
      } else {
        at += chunk;
      }
    }
    if ((chunk == 1 && !shorter) || std::chrono::steady_clock::now() >= until) return left;
  }
}

void retell(std::uint64_t seed, const std::vector<decision>& all) {
  shared_memory memory;
  const auto what = in_child(memory, voice::loud, 10, [&](shared_page& page) {
    replay(seed, all, page.done, [&page](const std::string& line) {
      std::printf("  %4llu  %s\n", static_cast<unsigned long long>(page.done.step_of_seed), line.c_str());
      std::fflush(stdout);
    });
  });
  std::printf("  %4llu  %s\n", static_cast<unsigned long long>(memory->done.step_of_seed),
              what ? what->c_str() : "nothing fails");
}

} // namespace tocsin::simulation
