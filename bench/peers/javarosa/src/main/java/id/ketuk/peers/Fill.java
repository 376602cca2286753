package id.ketuk.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.ValidateOutcome;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.FormInstance;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormAnswerDataParser;
import org.javarosa.xform.util.XFormUtils;

/**
 * Fills a form over and over, as ODK Collect does: from its beginning to its end, an answer where one is
 * given, then checks, finishes and serialises it. One JSON object a line comes in, one goes out:
 *
 * <pre>
 * in  {"xml": XForm, "steps": [{"do": "answer", "path": p, "value": v}, {"do": "add", "path": p}]}, answered {}
 * in  {"seconds": s}: fills the form for so long
 * out {"fills": n, "seconds": s, "xml": the last instance}, or {"error": why}
 * </pre>
 *
 * The form is parsed once. Each fill begins with a copy of the instance as it was parsed: Collect itself
 * would read it from a file.
 */
public final class Fill {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is done at one place of the way through the form. The way is the same each time. */
    private sealed interface Action {
        record Answer(IAnswerData data) implements Action {}

        record Add() implements Action {}

        record Nothing() implements Action {}
    }

    private final FormDef form;
    private final FormInstance blank;
    private final List<Action> way;

    private Fill(FormDef form, Map<String, String> answers, Map<String, Integer> added) {
        this.form = form;
        this.blank = form.getMainInstance().clone();
        this.way = way(answers, added);
    }

    public static void main(String[] arguments) throws Exception {
        new XFormsModule().registerModule();
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Fill fill = null;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode asked = JSON.readTree(line);
            Map<String, Object> answer;
            try {
                if (asked.has("xml")) {
                    fill = prepare(asked);
                    answer = Map.of();
                } else {
                    answer = fill.fillFor(asked.get("seconds").asDouble());
                }
            } catch (Exception fault) {
                answer = Map.of("error", String.valueOf(fault));
            }
            System.out.println(JSON.writeValueAsString(answer));
        }
    }

    private static Fill prepare(JsonNode asked) throws Exception {
        var answers = new HashMap<String, String>();
        var added = new HashMap<String, Integer>();
        for (JsonNode step : asked.get("steps")) {
            // JavaRosa counts from 0 and says no number for the first: so does the way.
            String path = step.get("path").asText().replace("[1]", "");
            switch (step.get("do").asText()) {
                case "answer" -> answers.put(path, step.get("value").asText());
                case "add" -> added.merge(path, 1, Integer::sum);
                default -> throw new IllegalArgumentException("no such step");
            }
        }
        byte[] xml = asked.get("xml").asText().getBytes(StandardCharsets.UTF_8);
        FormDef form = XFormUtils.getFormFromInputStream(new ByteArrayInputStream(xml));
        return new Fill(form, answers, added);
    }

    private Map<String, Object> fillFor(double seconds) throws Exception {
        long begun = System.nanoTime();
        long taken;
        long fills = 0;
        byte[] instance;
        do {
            instance = fill();
            fills++;
            taken = System.nanoTime() - begun;
        } while (taken < seconds * 1e9);
        return Map.of("fills", fills, "seconds", taken / 1e9, "xml", new String(instance, StandardCharsets.UTF_8));
    }

    private FormEntryController open() {
        form.setInstance(blank.clone());
        form.initialize(true, new InstanceInitializationFactory());
        return new FormEntryController(new FormEntryModel(form));
    }

    private byte[] fill() throws Exception {
        FormEntryController controller = open();
        for (Action action : way) {
            controller.stepToNextEvent();
            take(controller, action);
        }
        ValidateOutcome outcome = form.validate(true);
        if (outcome != null) {
            throw new IllegalStateException("refused at " + outcome.failedPrompt.getReference());
        }
        controller.finalizeFormEntry();
        return new XFormSerializingVisitor().serializeInstance(form.getMainInstance());
    }

    private static void take(FormEntryController controller, Action action) {
        if (action instanceof Action.Answer answer) {
            int said = controller.answerQuestion(answer.data().clone(), true);
            if (said != FormEntryController.ANSWER_OK) {
                FormIndex at = controller.getModel().getFormIndex();
                throw new IllegalStateException("refused at " + at.getReference());
            }
        } else if (action instanceof Action.Add) {
            controller.newRepeat();
        }
    }

    /** Goes through the form once and notes what is to be done where, so that a fill needn't look it up. */
    private List<Action> way(Map<String, String> answers, Map<String, Integer> added) {
        var way = new ArrayList<Action>();
        FormEntryController controller = open();
        int event = controller.stepToNextEvent();
        while (event != FormEntryController.EVENT_END_OF_FORM) {
            Action action = action(controller.getModel(), event, answers, added);
            take(controller, action);
            way.add(action);
            event = controller.stepToNextEvent();
        }
        if (!answers.isEmpty()) {
            throw new IllegalStateException("never asked: " + answers.keySet());
        }
        return way;
    }

    private static Action action(
            FormEntryModel model, int event, Map<String, String> answers, Map<String, Integer> added) {
        TreeReference reference = model.getFormIndex().getReference();
        if (event == FormEntryController.EVENT_QUESTION) {
            String value = answers.remove(path(reference, reference.size()));
            if (value != null) {
                FormEntryPrompt prompt = model.getQuestionPrompt();
                return new Action.Answer(
                        XFormAnswerDataParser.getAnswerData(value, prompt.getDataType(), prompt.getQuestion()));
            }
        } else if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
            String repeat = path(reference, reference.size() - 1) + "/" + reference.getNameLast();
            if (added.merge(repeat, -1, Integer::sum) >= 0) {
                return new Action.Add();
            }
        }
        return new Action.Nothing();
    }

    private static String path(TreeReference reference, int levels) {
        var path = new StringBuilder();
        for (int level = 0; level < levels; level++) {
            path.append('/').append(reference.getName(level));
            if (reference.getMultiplicity(level) > 0) {
                path.append('[').append(reference.getMultiplicity(level) + 1).append(']');
            }
        }
        return path.toString();
    }
}
