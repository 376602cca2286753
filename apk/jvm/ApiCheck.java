import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.codehaus.mojo.animal_sniffer.ClassListBuilder;
import org.codehaus.mojo.animal_sniffer.SignatureChecker;
import org.codehaus.mojo.animal_sniffer.logging.Logger;

/**
 * What the classes of a jar use that an Android hasn't, a line each: {@code Class uses name}. Classes inside others
 * are told by the outer one's name, since the inner ones' come and go.
 *
 * <p>Run from its source: {@code java -cp animal-sniffer:asm ApiCheck.java signature jar}.
 */
final class ApiCheck extends SignatureChecker {
    private static final String FAULT = "Undefined reference: ";
    private final Found found;

    private ApiCheck(String signature, Set<String> ours, Found found) throws IOException {
        super(new FileInputStream(signature), ours, found);
        this.found = found;
    }

    public static void main(String[] arguments) throws IOException {
        Found found = new Found();
        try (JarFile jar = new JarFile(arguments[1])) {
            ClassListBuilder ours = new ClassListBuilder(found);
            ours.process(new java.io.File(arguments[1]));
            ApiCheck check = new ApiCheck(arguments[0], ours.getPackages(), found);
            check.setSourcePath(java.util.List.of());
            for (var entry : (Iterable<java.util.jar.JarEntry>) jar.stream()::iterator) {
                if (entry.getName().endsWith(".class")) {
                    try (InputStream content = jar.getInputStream(entry)) {
                        found.in = entry.getName().split("[$.]")[0].replace('/', '.');
                        check.process(entry.getName(), content);
                    }
                }
            }
        }
        found.lines.forEach(System.out::println);
    }

    /** Keeps what the checker tells as errors. */
    private static final class Found implements Logger {
        private final Set<String> lines = new TreeSet<>();
        private String in = "";

        @Override
        public void error(String message) {
            int at = message.indexOf(FAULT);
            lines.add(in + " uses " + (at < 0 ? message : message.substring(at + FAULT.length())));
        }

        @Override
        public void error(String message, Throwable cause) {
            error(message);
        }

        @Override
        public void info(String message) {}

        @Override
        public void info(String message, Throwable cause) {}

        @Override
        public void debug(String message) {}

        @Override
        public void debug(String message, Throwable cause) {}

        @Override
        public void warn(String message) {}

        @Override
        public void warn(String message, Throwable cause) {}
    }
}
