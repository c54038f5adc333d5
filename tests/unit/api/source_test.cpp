#include <sys/stat.h>

#include <code_locations/code_origin.hpp>
#include <fstream>

#include "fixture.hpp"

namespace headrace::api {
namespace {

namespace fs = std::filesystem;
using testing::Api;
using testing::asset;
using testing::json;

struct Source : ::testing::Test {
  Api api;
  fs::path folder = api.home / "project";
  code_locations::CodeOrigin origin;

  void SetUp() override {
    fs::create_directories(folder);
    std::string text;
    for (int i = 1; i <= 100; ++i) text += "line " + std::to_string(i) + "\n";
    write(text);
    origin.working_directory = folder;
    origin.load_began = std::numeric_limits<std::int64_t>::max();
  }
  void write(const std::string& text) { std::ofstream(folder / "a.py", std::ios::binary) << text; }
  /// The definition of `a` where the code says that it is.
  json source(const json& where, const std::string& query = "") {
    api.workspace.set(testing::definitions({asset("a", {}, {{"source", where}})}),
                      std::make_shared<code_locations::CodeOrigin>(origin));
    return api.get("/api/v1/assets/a/source" + query);
  }
  json in_file(int line, json last_line = nullptr) { return {{"file", "a.py"}, {"line", line}, {"last_line", last_line}}; }
};

TEST_F(Source, IsTheDefinitionWithAFewLinesAround) {
  EXPECT_EQ(source(in_file(10, 12)),
            json({{"file", "a.py"},
                  {"line", 10},
                  {"last_line", 12},
                  {"first_line", 7},
                  {"total_lines", 100},
                  {"text", "line 7\nline 8\nline 9\nline 10\nline 11\nline 12\nline 13\nline 14\nline 15\n"},
                  {"changed_at", nullptr},
                  {"reason", nullptr}}));
  const auto of_a_line = source(in_file(50));
  EXPECT_EQ(of_a_line["first_line"], 30);
  EXPECT_TRUE(of_a_line["text"].get<std::string>().ends_with("line 70\n"));
}

TEST_F(Source, HasAsMuchAroundAsIsAskedFor) {
  EXPECT_EQ(source(in_file(10, 12), "?context=0")["text"], "line 10\nline 11\nline 12\n");
  const auto all = source(in_file(10, 12), "?context=1000000");
  EXPECT_EQ(all["first_line"], 1);
  EXPECT_TRUE(all["text"].get<std::string>().ends_with("line 100\n"));
  for (const char* query : {"?context=-1", "?context=x", "?context=1000001", "?path=/etc/passwd"})
    api.get("/api/v1/assets/a/source" + std::string(query), 400);
  api.get("/api/v1/assets/nothing/source", 404);
}

TEST_F(Source, TakesAnyEndsOfLines) {
  write("\xEF\xBB\xBFone\r\ntwo\r\nthree");
  EXPECT_EQ(source(in_file(1))["text"], "one\ntwo\nthree");
  EXPECT_EQ(source(in_file(1))["total_lines"], 3);
}

TEST_F(Source, SaysThatTheFileChangedSinceItWasLoaded) {
  origin.load_began = 1'000'000;
  EXPECT_TRUE(source(in_file(10))["changed_at"].is_string());
  origin.load_began = std::numeric_limits<std::int64_t>::max();
  origin.program_written = 1'000'000;  // a program that is older than its source
  EXPECT_TRUE(source(in_file(10))["changed_at"].is_string());
  origin.program_written = std::numeric_limits<std::int64_t>::max();
  EXPECT_TRUE(source(in_file(10))["changed_at"].is_null());
}

TEST_F(Source, SaysWhyThereIsNone) {
  const auto reason = [&](const json& where) {
    const auto found = source(where);
    EXPECT_TRUE(found["text"].is_null());
    return found["reason"].get<std::string>();
  };
  EXPECT_NE(reason(in_file(101)).find("100 lines now"), std::string::npos);
  EXPECT_NE(reason(nullptr).find("does not say"), std::string::npos);
  EXPECT_NE(reason({{"file", "gone.py"}, {"line", 1}}).find("There is no file " + (folder / "gone.py").string()),
            std::string::npos);
  origin.program_written = 1;
  EXPECT_NE(reason({{"file", "gone.cpp"}, {"line", 1}}).find("compiled from it elsewhere"), std::string::npos);
  EXPECT_NE(reason({{"file", "a.py/b.py"}, {"line", 1}}).find("There is no file"), std::string::npos);
  write(std::string(1024 * 1024 + 1, 'x'));
  EXPECT_NE(reason(in_file(1)).find("more than 1 MiB"), std::string::npos);
  for (const auto& bytes : {std::string("caf\xe9"), std::string("a\0b", 3)}) {
    write(bytes);
    EXPECT_NE(reason(in_file(1)).find("no UTF-8"), std::string::npos);
  }
}

TEST_F(Source, IsReadFromRegularFilesOnly) {
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  fs::create_symlink("a.py", folder / "link");
  for (const char* path : {"fifo", ".", "/dev/zero", "/proc/self/fd/0", "/proc/self/exe"})
    EXPECT_NE(source({{"file", path}, {"line", 1}})["reason"].get<std::string>().find("There is no file"), std::string::npos)
        << path;
  EXPECT_TRUE(source({{"file", "/proc/self/environ"}, {"line", 1}})["text"].is_null());
  EXPECT_TRUE(source({{"file", "link"}, {"line", 1}})["text"].is_string());
}

TEST_F(Source, HasNoSecrets) {
  code_locations::ProcessEnvironment environment;
  environment.items = {"API_KEY=canary1-canary1", "OTHER=canary2-canary2", "NOTED=plain words",
                       "PEM_SECRET=canary3-a\ncanary3-b"};
  const auto config = testing::config_field("sas", "env_var", nullptr, "OTHER", true, true);
  const auto definitions = Definitions::from_json("here", "h", testing::definitions({asset("a")}, {config}));
  ASSERT_TRUE(definitions);
  origin.redactor = code_locations::redactor_of(environment, *definitions);
  write(
      "# canary1-canary1\nx = 'canary2-canary2'\n'''canary3-a\ncanary3-b'''\n# plain words\npassword = "
      "'canary4'\nhttps://u:canary5@h\n");
  const auto text = source(in_file(1))["text"].get<std::string>();
  EXPECT_EQ(text.find("canary"), std::string::npos) << text;
  EXPECT_EQ(text, "# ***\nx = '***'\n'''***\n***'''\n# plain words\npassword = '***'\nhttps://u:*******@h\n");
}

}  // namespace
}  // namespace headrace::api
